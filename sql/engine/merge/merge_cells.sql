-- After few late rows most measures of a touched period stand as they are: what changed is looked up by its key, not found among all.
create or replace function yardstick_engine.merge_cells(
    measure_ids      uuid[],
    organization_ids uuid[],
    period_types     integer[],
    period_starts    date[]
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
-- Each series is found by its key; how many there are is guessed badly.
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
set jit = off
as $merge_cells$
declare
    merged    bigint := 0;
    written   bigint;
    part_type integer;
    began_at constant timestamptz := clock_timestamp();
    blocks   constant bigint[] := yardstick_engine.blocks_touched(false);
begin
    -- A statement for each kind of parts, which it names: of all partitions of all types, those to read would be chosen again for every series.
    for part_type in
        select distinct case when t.period_type <= 3 then 1 else 3 end
        from unnest(merge_cells.period_types) as t (period_type)
        where t.period_type > 1
    loop
        execute format(
            $text$
    with

    touched as materialized (
        select c.measure_id, c.organization_id, c.period_type, c.period_start, yardstick_engine.period_next(c.period_start, c.period_type) as next_start
        from (
            select distinct t.measure_id, t.organization_id, t.period_type, t.period_start
            from unnest($1::uuid[], $2::uuid[], $3::integer[], $4::date[]) as t (measure_id, organization_id, period_type, period_start)
            where t.period_type in (%1$s)
        ) as c
        -- About the order of their series: their states stand beside one another.
        order by c.organization_id, c.measure_id, c.period_start
    ),

    states as materialized (
        select s.series_id, t.period_type, t.period_start, t.organization_id, m.row_count, m.value_sum, m.value_min, m.value_max
        from touched as t
        cross join lateral (
            select k.series_id
            from yardstick.metric_series as k
            where k.organization_id = t.organization_id and k.measure_id = t.measure_id
            offset 0
        ) as s
        cross join lateral (
            select
                sum(p.row_count)::bigint as row_count, sum(p.value_sum) as value_sum,
                min(p.value_min) as value_min, max(p.value_max) as value_max
            from yardstick.metric_partials as p
            where p.period_type = %2$s and p.series_id = s.series_id and p.organization_id = t.organization_id
                and p.period_start >= t.period_start and p.period_start < t.next_start
        ) as m
    ),

    compared as materialized (
        select m.*, o.row_count is not null as is_stored, (o.row_count, o.value_sum, o.value_min, o.value_max)
            is distinct from (m.row_count, m.value_sum, m.value_min, m.value_max) as is_other
        from states as m
        left join lateral (
            select p.row_count, p.value_sum, p.value_min, p.value_max
            from yardstick.metric_partials as p
            where p.period_type = m.period_type and p.series_id = m.series_id and p.period_start = m.period_start
                and p.organization_id = m.organization_id and p.period_type in (%1$s)
            offset 0
        ) as o on true
    ),

    -- Whoever merges is alone with these periods: what is not stored need not be looked up once more.
    added as (
        insert into yardstick.metric_partials as p
            (period_type, series_id, period_start, organization_id, row_count, value_sum, value_min, value_max)
        select m.period_type, m.series_id, m.period_start, m.organization_id, m.row_count, m.value_sum, m.value_min, m.value_max
        from compared as m
        where m.row_count is not null and not m.is_stored
        order by m.period_type, m.series_id, m.period_start
        returning 1
    ),

    stored as (
        insert into yardstick.metric_partials as p
            (period_type, series_id, period_start, organization_id, row_count, value_sum, value_min, value_max)
        select m.period_type, m.series_id, m.period_start, m.organization_id, m.row_count, m.value_sum, m.value_min, m.value_max
        from compared as m
        where m.row_count is not null and m.is_stored and m.is_other
        order by m.period_type, m.series_id, m.period_start
        on conflict (period_type, series_id, period_start, organization_id) do update
        set row_count = excluded.row_count, value_sum = excluded.value_sum, value_min = excluded.value_min, value_max = excluded.value_max
        returning 1
    ),

    gone as (
        delete from yardstick.metric_partials as p
        using compared as m
        where m.row_count is null and m.is_stored
            and p.period_type = m.period_type and p.series_id = m.series_id
            and p.period_start = m.period_start and p.organization_id = m.organization_id
            and p.period_type in (%1$s)
        returning 1
    )

    select (select count(*) from added) + (select count(*) from stored) + (select count(*) from gone)$text$,
            case part_type when 1 then '2, 3' else '4, 5' end, -- 1
            part_type
        )
        into written
        using merge_cells.measure_ids, merge_cells.organization_ids, merge_cells.period_types, merge_cells.period_starts;
        merged := merged + written;
    end loop;

    perform yardstick_engine.note_cost(
        'merge', began_at, merged,
        measure_ids => array(select distinct m.id from unnest(merge_cells.measure_ids) as m (id)), blocks => blocks
    );
    return merged;
end
$merge_cells$;

comment on function yardstick_engine.merge_cells(uuid[], uuid[], integer[], date[]) is
'What merge_windows does, for few of the measures in each period: the touched cells are parallel arrays of measure, organization, period type and period start. Returns the number of states written or deleted.';
