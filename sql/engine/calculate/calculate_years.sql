create or replace function yardstick_engine.calculate_years(
    source_id uuid,
    years     date[],
    as_of     timestamptz
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $calculate_years$
declare
    touched record;
    written bigint := 0;
begin
    -- All periods take all measures: a finer period valued after a longer one would be missing in the longer one's completeness.
    with

    taken as (
        delete from yardstick.metric_dirty as t
        where t.source_id = calculate_years.source_id and t.stage = 'month' and t.slice_start = any(calculate_years.years)
        returning t.organization_id, t.measure_ids, t.period_type, t.period_start
    ),

    periods as (
        select distinct t.organization_id, t.period_type::integer as period_type, t.period_start
        from taken as t
    )

    select
        array(
            select distinct m.measure_id
            from (select distinct t.measure_ids from taken as t) as t
            cross join lateral unnest(t.measure_ids) as m (measure_id)
        ) as measure_ids,
        array_agg(p.organization_id) as organization_ids, array_agg(p.period_type) as period_types, array_agg(p.period_start) as period_starts
    into touched
    from periods as p;

    if touched.organization_ids is not null then
        perform yardstick_engine.merge_windows(
            touched.measure_ids, touched.organization_ids, touched.period_types, touched.period_starts
        );
        written := yardstick_engine.calculate_touched(
            calculate_years.source_id, touched.measure_ids, touched.organization_ids, touched.period_types, touched.period_starts,
            calculate_years.as_of
        );
    end if;

    insert into yardstick.calculation_slices as s (source_id, period_type, period_start)
    select distinct calculate_years.source_id, 5, d.slice_start
    from yardstick.metric_dirty as d
    where d.source_id = calculate_years.source_id and d.stage = 'month' and not d.slice_start = any(calculate_years.years)
    on conflict on constraint calculation_slices_pkey do nothing;

    return written;
end
$calculate_years$;

comment on function yardstick_engine.calculate_years(uuid, date[], timestamptz) is
'Third phase: merges months into the quarters and years that start in the given calendar years (locked by the caller) and values them. Returns the number of values written.';
