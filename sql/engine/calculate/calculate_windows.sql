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
    failing    constant datemultirange := yardstick_engine.failing_dates(calculate_windows.source_id, calculate_windows.stage);
    touched    record;
    written    bigint := 0;
    weekly_ids uuid[] := '{}';
begin
    if calculate_windows.stage = 'day' then
        weekly_ids := array(
            select distinct m.measure_id
            from yardstick.metric_definitions as d
            cross join lateral yardstick_engine.metric_measure_ids(d.id) as m (measure_id)
            where d.source_id = calculate_windows.source_id and d.deleted_at is null and d.is_active
                and 'weekly' = any(d.time_windows) and 'daily' <> all(d.time_windows)
                and d.time_windows && array['monthly', 'quarterly', 'annual']
        );
    end if;

    if not isempty(failing) then
        perform yardstick_engine.leave_failing(
            calculate_windows.source_id, calculate_windows.stage, calculate_windows.slice_starts, failing, weekly_ids
        );
    end if;

    -- All periods take all measures: a finer period valued after a longer one would be missing in the longer one's completeness.
    with

    removed as (
        delete from yardstick.metric_dirty as t
        where t.source_id = calculate_windows.source_id and t.stage = calculate_windows.stage
            and t.slice_start = any(calculate_windows.slice_starts)
            and (isempty(failing) or not failing && daterange(t.period_start, yardstick_engine.period_next(t.period_start, t.period_type)))
        returning t.organization_id, t.measure_ids, t.period_type, t.period_start, t.cause
    ),

    taken as (
        select r.organization_id, r.measure_ids, r.period_type, r.period_start, r.cause
        from removed as r
        union all
        -- Where weeks are the finest window, a week counts in the completeness of the month it ends in, though no day of that changed.
        select
            r.organization_id, case when r.measure_ids is null then weekly_ids else array(
                select m.measure_id
                from unnest(r.measure_ids) as m (measure_id)
                where m.measure_id = any(weekly_ids)
            ) end,
            3, e.month_start, r.cause
        from removed as r
        cross join lateral (select date_trunc('month', (r.period_start + 6)::timestamp)::date as month_start) as e
        where r.period_type = 2 and e.month_start > r.period_start
            and cardinality(weekly_ids) > 0 and coalesce(r.measure_ids && weekly_ids, true)
            -- The week in which the last year ends that has partitions ends in a month without.
            and e.month_start < make_date(extract(year from now())::integer + 6, 1, 1)
            and (isempty(failing) or not failing && daterange(e.month_start, yardstick_engine.period_next(e.month_start, 3)))
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
    ),

    -- Periods without a list have those of the others; where whoever named them is gone, all there are.
    measures as (
        select distinct m.measure_id
        from (select distinct t.measure_ids from taken as t) as t
        cross join lateral unnest(t.measure_ids) as m (measure_id)
        union all
        select m.id
        from yardstick.metric_measures as m
        where m.source_id = calculate_windows.source_id and not exists (select from taken as t where t.measure_ids is not null)
    ),

    -- Where most measures of most periods stand as they are, each cell is looked up by its key.
    cells as (
        select c.measure_id, p.organization_id, p.period_type, p.period_start
        from (
            select distinct taken.organization_id, taken.period_type::integer as period_type, taken.period_start, m.measure_id
            from taken
            cross join lateral unnest(taken.measure_ids) as m (measure_id)
            where (select sum(cardinality(t.measure_ids)) from taken as t) * 2 < (select count(*) from periods) * (select count(*) from measures)
                and not exists (select from taken as t where t.measure_ids is null)
        ) as c
        inner join periods as p
            on p.organization_id = c.organization_id and p.period_type = c.period_type and p.period_start = c.period_start
    ),

    listed as (
        select
            array_agg(c.measure_id) as cell_measures, array_agg(c.organization_id) as cell_organizations,
            array_agg(c.period_type) as cell_types, array_agg(c.period_start) as cell_starts
        from cells as c
    )

    select
        (select array_agg(m.measure_id) from measures as m) as measure_ids,
        (select l.cell_measures from listed as l) as cell_measures,
        (select l.cell_organizations from listed as l) as cell_organizations,
        (select l.cell_types from listed as l) as cell_types,
        (select l.cell_starts from listed as l) as cell_starts,
        array_agg(p.organization_id) as organization_ids, array_agg(p.period_type) as period_types, array_agg(p.period_start) as period_starts,
        array_agg(p.cause) as causes
    into touched
    from periods as p;

    if touched.organization_ids is not null then
        if touched.cell_measures is null then
            perform yardstick_engine.merge_windows(
                touched.measure_ids, touched.organization_ids, touched.period_types, touched.period_starts
            );
        else
            perform yardstick_engine.merge_cells(
                touched.cell_measures, touched.cell_organizations, touched.cell_types, touched.cell_starts
            );
        end if;
        written := yardstick_engine.calculate_touched(
            calculate_windows.source_id, touched.measure_ids, touched.organization_ids, touched.period_types, touched.period_starts,
            touched.causes,
            yardstick_engine.clock_of_values(calculate_windows.as_of, touched.organization_ids, calculate_windows.source_id),
            touched.cell_measures, touched.cell_organizations, touched.cell_types, touched.cell_starts
        );
    end if;

    if touched.organization_ids is not null and calculate_windows.stage = 'day' then
        insert into yardstick.metric_dirty (
            organization_id, source_id, stage, measure_ids, period_type, period_start, slice_start, cause
        )
        select
            w.organization_id, calculate_windows.source_id, 'month',
            -- As the scan does: of periods that all have the same measures, the first of each slice names them.
            case when w.measure_ids is not null then w.measure_ids
                when cardinality(touched.measure_ids) <= 8
                    or row_number() over (partition by w.measure_ids is null, date_trunc('year', w.period_start::timestamp)) = 1
                    then touched.measure_ids
            end,
            w.period_type, w.period_start, date_trunc('year', w.period_start::timestamp)::date, w.cause
        from (
            select distinct t.organization_id, c.measure_ids, k.period_type, p.period_start, t.cause
            from unnest(touched.organization_ids, touched.period_types, touched.period_starts, touched.causes)
                as t (organization_id, period_type, period_start, cause)
            left join (
                select u.organization_id, u.period_start, array_agg(u.measure_id order by u.measure_id) as measure_ids
                from unnest(touched.cell_measures, touched.cell_organizations, touched.cell_types, touched.cell_starts)
                    as u (measure_id, organization_id, period_type, period_start)
                where u.period_type = 3
                group by u.organization_id, u.period_start
            ) as c on c.organization_id = t.organization_id and c.period_start = t.period_start
            inner join yardstick.organizations as o on o.id = t.organization_id
            cross join (values (4), (5)) as k (period_type)
            cross join lateral (
                select yardstick_engine.period_floor(t.period_start, k.period_type, 1, o.fiscal_year_start_month) as period_start
            ) as p
            where t.period_type = 3
        ) as w;
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
