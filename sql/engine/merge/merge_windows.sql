create or replace function yardstick_engine.merge_windows(
    measure_ids      uuid[],
    organization_ids uuid[],
    period_types     integer[],
    period_starts    date[]
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
-- Each series is read by its key and merged for itself, in tables that fit the processor's cache: half of what one table of all costs,
-- and as little memory for many as for few.
set enable_seqscan = off
set enable_mergejoin = off
-- What few changed is looked up as well; the one full join is hashed all the same, as it cannot be nested.
set enable_hashjoin = off
set enable_sort = off
set jit = off
set work_mem = '64MB'
as $merge_windows$
declare
    merged     bigint;
    low        date;
    high       date;
    part_type  integer;
    is_new     boolean;
    began_at   constant timestamptz := clock_timestamp();
    blocks     constant bigint[] := yardstick_engine.blocks_touched(cardinality(merge_windows.period_starts) > 200);
begin
    select
        min(t.period_start),
        max(yardstick_engine.period_next(t.period_start, t.period_type)),
        case when min(t.period_type) <= 3 then 1 else 3 end
    into low, high, part_type
    from unnest(merge_windows.period_types, merge_windows.period_starts) as t (period_type, period_start)
    where t.period_type > 1;
    if low is null then
        return 0;
    end if;

    -- What is merged for the first time, as a history is, has nothing to be compared with.
    is_new := not exists (
        select
        from yardstick.metric_partials as p
        where p.period_type in (part_type + 1, part_type + 2) and p.period_start >= low and p.period_start < high
            and p.series_id = any(array(
                select s.series_id
                from yardstick.metric_series as s
                where s.measure_id = any(merge_windows.measure_ids) and s.organization_id = any(merge_windows.organization_ids)
            ))
    );
    if is_new then
        execute yardstick_engine.merge_statement(true)
        using merge_windows.measure_ids, merge_windows.organization_ids, merge_windows.period_types, merge_windows.period_starts, low, high, part_type;
        get diagnostics merged = row_count;
    else
        execute yardstick_engine.merge_statement(false)
        into merged
        using merge_windows.measure_ids, merge_windows.organization_ids, merge_windows.period_types, merge_windows.period_starts, low, high, part_type;
    end if;

    perform yardstick_engine.note_cost('merge', began_at, merged, measure_ids => merge_windows.measure_ids, blocks => blocks);
    return merged;
end
$merge_windows$;

comment on function yardstick_engine.merge_windows(uuid[], uuid[], integer[], date[]) is
'Merges the states of measures in the touched periods (parallel arrays organization, period type, period start) from their days (weeks, months) or months (quarters, years). Periods of both kinds may not be mixed in one call. Returns the number of states written or deleted.';
