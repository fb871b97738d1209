create or replace function yardstick_engine.calculate_cells(
    source_id        uuid,
    metric_ids       uuid[],
    organization_ids uuid[],
    measure_ids      uuid[],
    period_types     integer[],
    period_starts    date[],
    as_of            timestamptz
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
-- Cell counts of a statement's own CTEs are guessed badly; past a few cells a nested loop chosen on such a guess never ends.
set enable_nestloop = off
set jit = off
set work_mem = '64MB'
as $calculate_cells$
declare
    written     bigint;
    low         date;
    high        date;
    last_end    timestamptz;
    has_rows    boolean;
    half        integer;
    error_state text;
    error_text  text;
begin
    perform set_config('enable_nestloop', case when cardinality(calculate_cells.period_starts) <= 200 then 'on' else 'off' end, true);

    if coalesce(cardinality(calculate_cells.metric_ids), 0) = 0 or coalesce(cardinality(calculate_cells.period_starts), 0) = 0 then
        return 0;
    end if;

    select
        min(t.period_start),
        max(t.period_start),
        max(yardstick_engine.period_next(t.period_start, t.period_type))::timestamp at time zone 'UTC' + interval '1 day'
    into low, high, last_end
    from unnest(calculate_cells.period_types, calculate_cells.period_starts) as t (period_type, period_start);

    perform yardstick.ensure_year_partitions('yardstick.metric_calculations', low, (last_end at time zone 'UTC')::date);

    -- A metric that is calculated for the first time has nothing to compare with, which is most of the cost of a backfill.
    select exists (
        select from yardstick.metric_calculations as c
        where c.organization_id = any(calculate_cells.organization_ids)
            and c.metric_id = any(calculate_cells.metric_ids)
    )
    into has_rows;

    begin
        execute yardstick_engine.calculate_statement(calculate_cells.metric_ids, has_rows)
        into written
        using calculate_cells.organization_ids, calculate_cells.measure_ids, calculate_cells.period_types, calculate_cells.period_starts,
            calculate_cells.metric_ids, calculate_cells.as_of, calculate_cells.source_id, low, high, last_end;
        return written;
    exception
        when serialization_failure or deadlock_detected or lock_not_available then
            raise;
        when others then
            get stacked diagnostics error_state = returned_sqlstate, error_text = message_text;
    end;

    if cardinality(calculate_cells.metric_ids) > 1 then
        half := cardinality(calculate_cells.metric_ids) / 2;
        return yardstick_engine.calculate_cells(
            calculate_cells.source_id, calculate_cells.metric_ids[:half], calculate_cells.organization_ids, calculate_cells.measure_ids,
            calculate_cells.period_types, calculate_cells.period_starts, calculate_cells.as_of
        ) + yardstick_engine.calculate_cells(
            calculate_cells.source_id, calculate_cells.metric_ids[half + 1:], calculate_cells.organization_ids, calculate_cells.measure_ids,
            calculate_cells.period_types, calculate_cells.period_starts, calculate_cells.as_of
        );
    end if;

    error_text := left(error_text, 500);
    update yardstick.metric_definitions as d
    set last_error_code = error_state, last_error = error_text
    where d.id = calculate_cells.metric_ids[1];
    execute yardstick_engine.calculate_statement(calculate_cells.metric_ids, has_rows, error_state, error_text)
    into written
    using calculate_cells.organization_ids, calculate_cells.measure_ids, calculate_cells.period_types, calculate_cells.period_starts,
        calculate_cells.metric_ids, calculate_cells.as_of, calculate_cells.source_id, low, high, last_end;
    return written;
end
$calculate_cells$;

comment on function yardstick_engine.calculate_cells(uuid, uuid[], uuid[], uuid[], integer[], date[], timestamptz) is
'Values the touched cells (parallel arrays organization, measure, period type, period start) of metrics of one source as known at as_of, and returns the number of rows written. A metric whose formula raises is found by halving, gets error rows with SQLSTATE and message, and the others stand.';
