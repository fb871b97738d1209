-- Longer windows are merged from shorter ones, never from rows: week and month from days, quarter and year from months.
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
-- The arrays decide the plan: a generic plan guesses ten cells where there are fifty thousand.
set plan_cache_mode = force_custom_plan
-- Each series is read by its key and merged for itself, in tables that fit the processor's cache: half of what one table of all costs,
-- and as little memory for many as for few.
set enable_seqscan = off
set enable_mergejoin = off
-- What few changed is looked up as well; the one full join is hashed all the same, as it cannot be nested.
set enable_hashjoin = off
-- Small groups are sorted as fast as they are hashed, and are then written in the order of their key.
set enable_hashagg = off
set jit = off
set work_mem = '64MB'
as $merge_windows$
declare
    merged     bigint;
    low        date;
    high       date;
    part_type  integer;
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

    with

    touched as materialized (
        select distinct t.organization_id, t.period_type, t.period_start
        from unnest(
            merge_windows.organization_ids, merge_windows.period_types, merge_windows.period_starts
        ) as t (organization_id, period_type, period_start)
        where t.period_type > 1
    ),

    calendar as materialized (
        select
            t.organization_id, o.week_start, o.fiscal_year_start_month, min(t.period_start) as first_start,
            max(yardstick_engine.period_next(t.period_start, t.period_type)) as next_start
        from touched as t
        inner join yardstick.organizations as o on o.id = t.organization_id
        group by t.organization_id, o.week_start, o.fiscal_year_start_month
    ),

    series as materialized (
        select s.series_id, c.organization_id, c.week_start, c.fiscal_year_start_month, c.first_start, c.next_start
        from calendar as c
        inner join yardstick.metric_series as s
            on s.organization_id = c.organization_id and s.measure_id = any(merge_windows.measure_ids)
        order by s.series_id
    ),

    -- Weeks and months come from days, quarters and years from months: the type of each is that of its parts, plus one or two.
    merged_states as (
        select s.series_id, m.period_type, m.period_start, s.organization_id, m.row_count, m.value_sum, m.value_min, m.value_max
        from series as s
        cross join lateral (
            select
                case when grouping(k.short_start) = 0 then part_type + 1 else part_type + 2 end as period_type,
                coalesce(k.short_start, k.long_start) as period_start,
                sum(k.row_count)::bigint as row_count, sum(k.value_sum) as value_sum,
                min(k.value_min) as value_min, max(k.value_max) as value_max
            from (
                select
                    yardstick_engine.period_floor(p.period_start, part_type + 1, s.week_start, s.fiscal_year_start_month) as short_start,
                    yardstick_engine.period_floor(p.period_start, part_type + 2, s.week_start, s.fiscal_year_start_month) as long_start,
                    p.row_count, p.value_sum, p.value_min, p.value_max
                from yardstick.metric_partials as p
                where p.period_type = part_type and p.period_start >= low and p.period_start < high
                    and p.series_id = s.series_id and p.organization_id = s.organization_id
                    and p.period_start >= s.first_start and p.period_start < s.next_start
            ) as k
            group by grouping sets ((k.short_start), (k.long_start))
        ) as m
        -- IS TRUE keeps it a table that is looked into: as a join, it would be made anew for each series.
        where ((s.organization_id, m.period_type, m.period_start) in (select t.organization_id, t.period_type, t.period_start from touched as t)) is true
    ),

    stored as (
        select s.series_id, o.period_type, o.period_start, s.organization_id, o.row_count, o.value_sum, o.value_min, o.value_max
        from series as s
        cross join lateral (
            select p.period_type, p.period_start, p.row_count, p.value_sum, p.value_min, p.value_max
            from yardstick.metric_partials as p
            where p.period_type in (part_type + 1, part_type + 2)
                and p.series_id = s.series_id and p.organization_id = s.organization_id
                and p.period_start >= s.first_start and p.period_start < s.next_start
            offset 0
        ) as o
        where ((s.organization_id, o.period_type::integer, o.period_start) in (select t.organization_id, t.period_type, t.period_start from touched as t)) is true
    ),

    changed as materialized (
        select
            coalesce(m.series_id, o.series_id) as series_id, coalesce(m.period_type, o.period_type) as period_type,
            coalesce(m.period_start, o.period_start) as period_start, coalesce(m.organization_id, o.organization_id) as organization_id,
            m.row_count, m.value_sum, m.value_min, m.value_max, o.series_id is not null as is_stored
        from merged_states as m
        full join stored as o on o.series_id = m.series_id and o.period_type = m.period_type and o.period_start = m.period_start
        where m.series_id is null or o.series_id is null
            or (o.row_count, o.value_sum, o.value_min, o.value_max)
            is distinct from (m.row_count, m.value_sum, m.value_min, m.value_max)
    ),

    -- Only the holder of a period's slice merges it: what was not stored is not stored meanwhile, and needs no ON CONFLICT, which doubles
    -- the cost of a row.
    added as (
        insert into yardstick.metric_partials
            (period_type, series_id, period_start, organization_id, row_count, value_sum, value_min, value_max)
        select c.period_type, c.series_id, c.period_start, c.organization_id, c.row_count, c.value_sum, c.value_min, c.value_max
        from changed as c
        where not c.is_stored
    ),

    updated as (
        update yardstick.metric_partials as p
        set row_count = c.row_count, value_sum = c.value_sum, value_min = c.value_min, value_max = c.value_max
        from changed as c
        where c.is_stored and c.row_count is not null
            and p.period_type = c.period_type and p.series_id = c.series_id
            and p.period_start = c.period_start and p.organization_id = c.organization_id
            -- Values to be equal to: of a range, an index that begins with the type would be read whole for each series.
            and p.period_type in (part_type + 1, part_type + 2)
    ),

    gone as (
        delete from yardstick.metric_partials as p
        using changed as c
        where c.row_count is null
            and p.period_type = c.period_type and p.series_id = c.series_id
            and p.period_start = c.period_start and p.organization_id = c.organization_id
            and p.period_type in (part_type + 1, part_type + 2)
    )

    select count(*) from changed
    into merged;

    perform yardstick_engine.note_cost('merge', began_at, merged, measure_ids => merge_windows.measure_ids, blocks => blocks);
    return merged;
end
$merge_windows$;

comment on function yardstick_engine.merge_windows(uuid[], uuid[], integer[], date[]) is
'Merges the states of measures in the touched periods (parallel arrays organization, period type, period start) from their days (weeks, months) or months (quarters, years). Periods of both kinds may not be mixed in one call. Returns the number of states written or deleted.';
