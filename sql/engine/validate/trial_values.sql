create or replace function yardstick_engine.trial_values(
    definition      jsonb,
    trial           jsonb,
    organization_id uuid,
    periods         integer,
    as_of           timestamptz default now()
)
returns jsonb
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $trial_values$
declare
    fill      constant text := trial #>> '{compiled,fill}';
    period    record;
    answers   jsonb;
    listed    jsonb;
    result    jsonb := '[]';
    window_   text;
    sample    bigint;
    value     numeric;
    has_begun boolean := false;
    carried   numeric;
    ignored   numeric;
    earlier   bigint;
begin
    select jsonb_agg(jsonb_build_object(
        'no', n.no, 'time_window', n.time_window, 'period_type', n.period_type, 'first_date', n.first_date, 'next_date', n.next_date,
        'timezone', n.timezone, 'period_start', yardstick_engine.local_midnight(n.first_date, n.timezone), 'period_end', yardstick_engine.local_midnight(n.next_date, n.timezone)
    ) order by n.no)
    into listed
    from (
        select
            row_number() over (order by k.period_type, g.back desc) as no,
            w.time_window, k.period_type, o.timezone,
            yardstick_engine.period_shift(f.now_start, k.period_type, -g.back) as first_date,
            yardstick_engine.period_shift(f.now_start, k.period_type, 1 - g.back) as next_date
        from yardstick.organizations as o
        cross join lateral jsonb_array_elements_text(coalesce(trial_values.definition -> 'time_windows', '["monthly"]')) as w (time_window)
        cross join lateral (select yardstick_engine.period_type(w.time_window)::integer as period_type) as k
        cross join lateral (
            select yardstick_engine.period_floor(
                (trial_values.as_of at time zone o.timezone)::date, k.period_type, o.week_start, o.fiscal_year_start_month
            ) as now_start
        ) as f
        cross join generate_series(1, trial_values.periods) as g (back)
        where o.id = trial_values.organization_id and coalesce(trial_values.definition -> 'aggregation_levels', '["org"]') ? 'org'
    ) as n;

    if not trial ? 'measures' and trial #> '{compiled,children}' is null then
        select coalesce(jsonb_agg(to_jsonb(r)), '[]') into answers
        from yardstick_engine.run_queries(
            trial_values.organization_id,
            (
                select jsonb_agg(
                    jsonb_build_object('no', l -> 'no', 'period_start', l -> 'period_start', 'period_end', l -> 'period_end') || case
                        when trial #> '{compiled,routine}' is not null then jsonb_build_object(
                            'routine', trial #> '{compiled,routine}', 'parameters', coalesce(trial_values.definition -> 'parameters', '{}')
                        )
                        else jsonb_build_object('query', trial #> '{compiled,query}', 'source_ids', trial #> '{compiled,sources}')
                    end
                )
                from jsonb_array_elements(listed) as l
            )
        ) as r
        where not r.is_done and r.error_code is null and r.aggregation_key is null and coalesce(r.aggregation_level, 'org') = 'org';
        return (
            select coalesce(jsonb_agg(jsonb_build_object(
                'time_window', l ->> 'time_window', 'starts_at', l ->> 'period_start', 'ends_at', l ->> 'period_end',
                'value', (select round((a ->> 'value')::numeric, 4) from jsonb_array_elements(answers) as a where a -> 'request_no' = l -> 'no' and coalesce((a ->> 'sample_size')::bigint > 0, true) limit 1)
            )), '[]')
            from jsonb_array_elements(listed) as l
        );
    end if;

    for period in
        select l.*
        from jsonb_to_recordset(listed) as l (
            no integer, time_window text, period_type integer, first_date date, next_date date, timezone text, period_start timestamptz, period_end timestamptz
        )
        order by l.no
    loop
        value := null;
        -- Each window begins anew.
        if period.time_window is distinct from window_ then
            window_ := period.time_window;
            has_begun := false;
            carried := null;
        end if;
        begin
            if trial ? 'measures' then
                execute yardstick_engine.trial_statement(
                    (trial ->> 'source_id')::uuid, trial, trial_values.organization_id, period.first_date, period.next_date, period.timezone
                )
                into value, sample;
                -- Zero from the first rows on.
                if sample = 0 and fill = 'zero' and not has_begun then
                    execute yardstick_engine.trial_statement(
                        (trial ->> 'source_id')::uuid, trial, trial_values.organization_id, date '1990-01-01', period.first_date, period.timezone
                    )
                    into ignored, earlier;
                    has_begun := earlier > 0;
                end if;
                has_begun := has_begun or sample > 0;
                if sample = 0 then
                    value := case when fill = 'zero' and has_begun then value when fill = 'carry_forward' then carried end;
                end if;
                carried := coalesce(value, carried);
            else
                execute format('select v.value::numeric(15, 4) from (%s) as v', yardstick_engine.derived_statement(trial -> 'compiled'))
                into value
                using array[trial_values.organization_id], array[period.first_date], period.time_window, period.period_type, array['org'],
                    '-infinity'::timestamptz, (period.next_date + 2)::timestamp at time zone 'UTC';
            end if;
        exception when data_exception then
            -- What cannot be calculated gives no value, here as there.
            value := null;
        end;
        result := result || jsonb_build_object(
            'time_window', period.time_window, 'starts_at', period.period_start, 'ends_at', period.period_end, 'value', value
        );
    end loop;
    return result;
end
$trial_values$;

comment on function yardstick_engine.trial_values(jsonb, jsonb, uuid, integer, timestamptz) is
'Values of a definition, as try_definition returns it, for one organization in the last complete periods of each of its windows: {time_window, starts_at, ends_at, value}. Nothing is stored.';
