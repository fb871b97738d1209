create or replace function yardstick_engine.calculate_derived(
    metric_id        uuid,
    period_type      integer,
    organization_ids uuid[],
    period_starts    date[],
    as_of            timestamptz
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $calculate_derived$
declare
    metric      yardstick.metric_definitions;
    most_lag    integer;
    given       jsonb := '[]';
    part        jsonb;
    failures    jsonb := '[]';
    done_no     integer[] := '{}';
    starts      integer[] := array[1];
    ends        integer[] := array[cardinality(calculate_derived.period_starts)];
    from_no     integer;
    to_no       integer;
    low         timestamptz;
    high        timestamptz;
    error_state text;
    error_text  text;
    written     bigint := 0;
    began_at    constant timestamptz := clock_timestamp();
begin
    select d.* into strict metric from yardstick.metric_definitions as d where d.id = calculate_derived.metric_id;
    select max((c.value ->> 'lag')::integer) into most_lag from jsonb_each(metric.compiled -> 'children') as c;

    -- A period whose formula raises is found by halving, so that it fails alone.
    while cardinality(starts) > 0 loop
        from_no := starts[cardinality(starts)];
        to_no := ends[cardinality(ends)];
        starts := trim_array(starts, 1);
        ends := trim_array(ends, 1);
        select
            yardstick_engine.period_shift(min(s), calculate_derived.period_type, -most_lag)::timestamp at time zone 'UTC' - interval '1 day',
            (yardstick_engine.period_next(max(s), calculate_derived.period_type) + 1)::timestamp at time zone 'UTC'
        into low, high
        from unnest(calculate_derived.period_starts[from_no:to_no]) as s;
        begin
            execute format(
                'select coalesce(jsonb_agg(to_jsonb(g) || jsonb_build_object(''metric_id'', %L::uuid)), ''[]'') from (%s) as g',
                calculate_derived.metric_id, yardstick_engine.derived_statement(metric.compiled)
            )
            into part
            using calculate_derived.organization_ids[from_no:to_no], calculate_derived.period_starts[from_no:to_no],
                yardstick_engine.window_name(calculate_derived.period_type), calculate_derived.period_type, metric.aggregation_levels, low, high;
            given := given || part;
            done_no := done_no || array(select n from generate_series(from_no, to_no) as n);
            continue;
        exception
            when serialization_failure or deadlock_detected or lock_not_available or disk_full or io_error then
                raise;
            when others then
                get stacked diagnostics error_state = returned_sqlstate, error_text = message_text;
        end;
        -- Where nearly every period fails, looking closer ends.
        if to_no > from_no and jsonb_array_length(failures) <= 40 then
            starts := starts || array[(from_no + to_no) / 2 + 1, from_no];
            ends := ends || array[to_no, (from_no + to_no) / 2];
        else
            failures := failures || (
                select jsonb_agg(jsonb_build_object(
                    'metric_id', calculate_derived.metric_id, 'organization_id', calculate_derived.organization_ids[n],
                    'period_start', calculate_derived.period_starts[n], 'error_code', error_state, 'message', left(error_text, 500)
                ))
                from generate_series(from_no, to_no) as n
            );
        end if;
    end loop;

    written := yardstick_engine.store_given(
        calculate_derived.period_type,
        array(select calculate_derived.organization_ids[n] from unnest(done_no) as n),
        array(select calculate_derived.period_starts[n] from unnest(done_no) as n),
        array_fill(calculate_derived.metric_id, array[cardinality(done_no)]),
        calculate_derived.as_of,
        given
    );
    perform yardstick_engine.clear_given_errors(
        calculate_derived.period_type,
        array(select calculate_derived.organization_ids[n] from unnest(done_no) as n),
        array(select calculate_derived.period_starts[n] from unnest(done_no) as n),
        array_fill(calculate_derived.metric_id, array[cardinality(done_no)])
    );
    -- The quality of longer periods is that of the finest in them, which may change where what longer ones are made of does not.
    if written > 0 and calculate_derived.period_type = (select min(yardstick_engine.period_type(w)) from unnest(metric.time_windows) as w) then
        insert into yardstick.metric_pending (organization_id, metric_id, period_type, period_start)
        select distinct
            p.organization_id, calculate_derived.metric_id, k.period_type,
            yardstick_engine.period_floor(
                yardstick_engine.period_next(p.period_start, calculate_derived.period_type) - 1, k.period_type, o.week_start, o.fiscal_year_start_month
            )
        from unnest(calculate_derived.organization_ids, calculate_derived.period_starts) as p (organization_id, period_start)
        inner join yardstick.organizations as o on o.id = p.organization_id
        cross join (select yardstick_engine.period_type(w) as period_type from unnest(metric.time_windows) as w) as k
        where k.period_type > calculate_derived.period_type;
    end if;
    if failures <> '[]' then
        perform yardstick_engine.record_given_errors(calculate_derived.period_type, failures);
        -- A run of which nothing came for an organization.
        perform yardstick_engine.note_failures(f.organization_id, array[calculate_derived.metric_id], f.error_code, f.message, calculate_derived.as_of)
        from (
            select distinct on (e.organization_id) e.organization_id, e.error_code, e.message
            from jsonb_to_recordset(failures) as e (organization_id uuid, error_code text, message text)
            where e.organization_id not in (select calculate_derived.organization_ids[n] from unnest(done_no) as n)
            order by e.organization_id
        ) as f;
    end if;
    perform yardstick_engine.clear_failures(f.organization_id, array[calculate_derived.metric_id])
    from yardstick.metric_failures as f
    where f.metric_id = calculate_derived.metric_id
        and f.organization_id in (select calculate_derived.organization_ids[n] from unnest(done_no) as n);
    perform yardstick_engine.note_cost(
        'value', began_at, written, metric_ids => array[calculate_derived.metric_id], error_count => jsonb_array_length(failures)
    );
    return written;
end
$calculate_derived$;

comment on function yardstick_engine.calculate_derived(uuid, integer, uuid[], date[], timestamptz) is
'Values the touched periods of one type (parallel arrays organization, period start) of a metric made of others, and returns the number of rows written; a period that fails gets an error row, and the others stand.';
