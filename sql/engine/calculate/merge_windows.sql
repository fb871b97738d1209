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
-- Cell counts of a statement's own CTEs are guessed badly; past a few cells a nested loop chosen on such a guess never ends.
set enable_nestloop = off
set enable_mergejoin = off
set enable_sort = off
-- Joins are made in the order in which they are written: parts meet their periods by date before they meet the touched cells.
set join_collapse_limit = 1
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
    perform
        set_config('enable_nestloop', s.setting, true),
        set_config('enable_mergejoin', s.setting, true),
        set_config('enable_sort', s.setting, true)
    from (select case when cardinality(merge_windows.period_starts) <= 200 then 'on' else 'off' end as setting) as s;

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

    -- Which longer period each part belongs to, by equality: a range join of parts to periods does not hash.
    part_periods as materialized (
        select
            parts.organization_id, k.period_type, parts.part_start,
            yardstick_engine.period_floor(parts.part_start, k.period_type, o.week_start, o.fiscal_year_start_month) as period_start
        from (
            select t.organization_id, g.part_start::date as part_start
            from (select distinct organization_id from touched) as t
            cross join generate_series(
                low::timestamp, high::timestamp - interval '1 day', case part_type when 1 then interval '1 day' else interval '1 month' end
            ) as g (part_start)
        ) as parts
        inner join yardstick.organizations as o on o.id = parts.organization_id
        cross join (select distinct period_type from touched) as k
    ),

    merged_states as materialized (
        select
            s.series_id, t.period_type, t.period_start, t.organization_id,
            sum(p.row_count)::bigint as row_count, sum(p.value_sum) as value_sum,
            min(p.value_min) as value_min, max(p.value_max) as value_max
        from yardstick.metric_series as s
        inner join yardstick.metric_partials as p
            on p.series_id = s.series_id and p.organization_id = s.organization_id
        inner join part_periods as pp
            on pp.organization_id = p.organization_id and pp.part_start = p.period_start
        inner join touched as t
            on t.organization_id = s.organization_id
            and t.period_type = pp.period_type and t.period_start = pp.period_start
        where p.period_type = part_type and p.period_start >= low and p.period_start < high
            and s.organization_id = any(array(select distinct c.organization_id from touched as c))
            and s.measure_id = any(merge_windows.measure_ids)
        group by s.series_id, t.period_type, t.period_start, t.organization_id
    ),

    stored as (
        insert into yardstick.metric_partials as p
            (period_type, series_id, period_start, organization_id, row_count, value_sum, value_min, value_max)
        select m.period_type, m.series_id, m.period_start, m.organization_id, m.row_count, m.value_sum, m.value_min, m.value_max
        from merged_states as m
        left join yardstick.metric_partials as o
            on o.period_type = m.period_type and o.series_id = m.series_id
            and o.period_start = m.period_start and o.organization_id = m.organization_id
            and o.period_type in (2, 3, 4, 5)
        where o.series_id is null
            or (o.row_count, o.value_sum, o.value_min, o.value_max)
            is distinct from (m.row_count, m.value_sum, m.value_min, m.value_max)
        order by m.period_type, m.series_id, m.period_start
        on conflict (period_type, series_id, period_start, organization_id) do update
        set row_count = excluded.row_count, value_sum = excluded.value_sum, value_min = excluded.value_min, value_max = excluded.value_max
        returning 1
    ),

    gone as (
        delete from yardstick.metric_partials as p
        using touched as t, yardstick.metric_series as s
        where s.organization_id = t.organization_id and s.measure_id = any(merge_windows.measure_ids)
            and p.period_type = t.period_type and p.series_id = s.series_id
            and p.period_start = t.period_start and p.organization_id = t.organization_id
            -- Values to be equal to: of a range, an index that begins with the type would be read whole for each series.
            and p.period_type in (2, 3, 4, 5)
            and not exists (
                select from merged_states as m
                where m.series_id = p.series_id and m.period_type = p.period_type
                    and m.period_start = p.period_start and m.organization_id = p.organization_id
            )
        returning 1
    )

    select (select count(*) from stored) + (select count(*) from gone)
    into merged;

    perform yardstick_engine.note_cost('merge', began_at, merged, measure_ids => merge_windows.measure_ids, blocks => blocks);
    return merged;
end
$merge_windows$;

comment on function yardstick_engine.merge_windows(uuid[], uuid[], integer[], date[]) is
'Merges the states of measures in the touched periods (parallel arrays organization, period type, period start) from their days (weeks, months) or months (quarters, years). Periods of both kinds may not be mixed in one call. Returns the number of states written or deleted.';
