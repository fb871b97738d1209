create or replace function yardstick_engine.calculate_windows(
    source_id    uuid,
    stage        text,
    slice_starts date[],
    as_of        timestamptz
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $calculate_windows$
declare
    touched record;
    written bigint := 0;
begin
    -- All periods take all measures: a finer period valued after a longer one would be missing in the longer one's completeness.
    with

    taken as (
        delete from yardstick.metric_dirty as t
        where t.source_id = calculate_windows.source_id and t.stage = calculate_windows.stage
            and t.slice_start = any(calculate_windows.slice_starts)
        returning t.organization_id, t.measure_ids, t.period_type, t.period_start, t.cause
    ),

    -- What was left before an organization changed its calendar may be no period any more.
    periods as (
        select t.organization_id, t.period_type, t.period_start, t.cause
        from (
            select taken.organization_id, taken.period_type::integer as period_type, taken.period_start, max(taken.cause) as cause
            from taken
            group by taken.organization_id, taken.period_type, taken.period_start
        ) as t
        inner join yardstick.organizations as o on o.id = t.organization_id
        where t.period_start = yardstick_engine.period_floor(t.period_start, t.period_type, o.week_start, o.fiscal_year_start_month)
    )

    select
        array(
            select distinct m.measure_id
            from (select distinct t.measure_ids from taken as t) as t
            cross join lateral unnest(t.measure_ids) as m (measure_id)
        ) as measure_ids,
        array_agg(p.organization_id) as organization_ids, array_agg(p.period_type) as period_types, array_agg(p.period_start) as period_starts,
        array_agg(p.cause) as causes
    into touched
    from periods as p;

    if touched.organization_ids is not null then
        perform yardstick_engine.merge_windows(
            touched.measure_ids, touched.organization_ids, touched.period_types, touched.period_starts
        );
        written := yardstick_engine.calculate_touched(
            calculate_windows.source_id, touched.measure_ids, touched.organization_ids, touched.period_types, touched.period_starts,
            touched.causes, calculate_windows.as_of
        );
    end if;

    if touched.organization_ids is not null and calculate_windows.stage = 'day' then
        insert into yardstick.metric_dirty (
            organization_id, source_id, stage, measure_ids, period_type, period_start, slice_start, cause
        )
        select distinct
            t.organization_id, calculate_windows.source_id, 'month', touched.measure_ids, k.period_type, p.period_start,
            date_trunc('year', p.period_start::timestamp)::date, t.cause
        from unnest(touched.organization_ids, touched.period_types, touched.period_starts, touched.causes)
            as t (organization_id, period_type, period_start, cause)
        inner join yardstick.organizations as o on o.id = t.organization_id
        cross join (values (4), (5)) as k (period_type)
        cross join lateral (
            select yardstick_engine.period_floor(t.period_start, k.period_type, 1, o.fiscal_year_start_month) as period_start
        ) as p
        where t.period_type = 3;
    end if;

    -- What waits now: the next periods of values that changed, and years.
    insert into yardstick.calculation_slices as s (source_id, period_type, period_start)
    select distinct calculate_windows.source_id, k.period_type, d.slice_start
    from yardstick.metric_dirty as d
    inner join (values ('day', 3), ('month', 5)) as k (stage, period_type) on k.stage = d.stage
    where d.source_id = calculate_windows.source_id
        and not (d.stage = calculate_windows.stage and d.slice_start = any(calculate_windows.slice_starts))
    on conflict on constraint calculation_slices_pkey do nothing;

    return written;
end
$calculate_windows$;

comment on function yardstick_engine.calculate_windows(uuid, text, date[], timestamptz) is
'Second and third phase: merges what is touched in slices locked by the caller and values it; returns the number of values written. Stage day: the weeks that end and the months that start in the given months, with their days; leaves the years. Stage month: the quarters and years that start in the given years.';
