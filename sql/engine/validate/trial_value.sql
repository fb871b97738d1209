create or replace function yardstick_engine.trial_value(
    definition      jsonb,
    trial           jsonb,
    organization_id uuid,
    as_of           timestamptz default now()
)
returns jsonb
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
-- Different values are told apart by their text, which depends on these.
set timezone = 'UTC'
set datestyle = 'ISO, YMD'
set intervalstyle = 'postgres'
set jit = off
as $trial_value$
declare
    -- A plan that costs more takes seconds: nobody waits for that to read a report.
    dearest constant numeric := 300000;
    period  record;
    query   text;
    plan    json;
    sample  bigint;
    value   numeric;
    note    text;
begin
    if trial_value.organization_id is null then
        return jsonb_build_object('detail', 'no value: choose an organization with use_organization to see its own');
    end if;
    select p.*, format('%s %s', p.time_window, p.period_start) as label into period
    from yardstick_engine.trial_period(trial_value.definition, trial_value.organization_id, as_of) as p;
    begin
        if trial #> '{compiled,children}' is not null then
            execute format('select v.value, v.sample_size, v.note from (%s) as v', yardstick_engine.derived_statement(trial -> 'compiled'))
            into value, sample, note
            using array[trial_value.organization_id], array[period.period_start], period.time_window, period.period_type, array['org'],
                '-infinity'::timestamptz, (period.next_start + 2)::timestamp at time zone 'UTC';
            if sample is null then
                return jsonb_build_object('detail', format('no value for %s: what it is made of has none there', period.label));
            end if;
        else
            perform yardstick_engine.reach_source((trial ->> 'source_id')::uuid);
            query := yardstick_engine.trial_statement(
                (trial ->> 'source_id')::uuid, trial, trial_value.organization_id, period.period_start, period.next_start, period.timezone
            );
            execute 'explain (format json) ' || query into plan;
            if (plan #>> '{0,Plan,Total Cost}')::numeric > dearest then
                return jsonb_build_object('detail', format(
                    'no value: reading %s would take too long here; it is calculated after define_metric', period.label
                ));
            end if;
            execute query into value, sample;
            if sample = 0 and trial #>> '{compiled,fill}' is null then
                return jsonb_build_object('detail', format('no value for %s: no rows of the organization in it', period.label));
            elsif sample = 0 and trial #>> '{compiled,fill}' = 'zero' then
                note := 'no rows: zero from the first rows on';
            elsif sample = 0 then
                return jsonb_build_object('detail', format('no value for %s: no rows in it; the one before is carried forward', period.label));
            end if;
        end if;
    exception when others then
        return jsonb_build_object('failed', true, 'detail', format(
            'no value for %s: %s (%s)', period.label, yardstick_engine.error_words(sqlstate, sqlerrm), sqlstate
        ));
    end;
    return jsonb_build_object('detail', concat_ws('; ', format(
        '%s for %s, from %s', coalesce(trim_scale(value)::text, 'null'), period.label, case sample when 1 then '1 row' else sample || ' rows' end
    ), note, case when value is null and note is null then 'the denominator is zero or an operand is missing' end));
end
$trial_value$;

comment on function yardstick_engine.trial_value(jsonb, jsonb, uuid, timestamptz) is
'Value of a definition, as try_definition returns it, for one organization in its last complete period: {detail, failed}. Nothing is stored.';
