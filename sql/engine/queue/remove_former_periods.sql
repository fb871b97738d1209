-- Who changes a calendar removes what was calculated by it, but does not see what a calculation at work has not committed: that would stay
-- for ever, for no period of the new calendar is that one. It is removed once nobody is at work who may have begun before.
create or replace function yardstick_engine.remove_former_periods()
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set jit = off
as $remove_former_periods$
declare
    organization_ids uuid[];
    removed          bigint;
begin
    -- One whose calendar is being changed again is for the next call.
    select array_agg(distinct c.organization_id)
    into organization_ids
    from (
        select r.organization_id
        from yardstick.metric_refreshes as r
        where r.refresh_frequency = 'calendar'
        for update skip locked
    ) as c;
    -- Whoever calculates holds this key, as deploy_is_running has it, from before its first look at a calendar to its end.
    if organization_ids is null or exists (
        select
        from pg_locks as l
        inner join pg_database as b on b.oid = l.database and b.datname = current_database()
        where l.locktype = 'advisory' and l.classid = 0 and l.objid = 7919001 and l.objsubid = 1 and l.granted and l.pid <> pg_backend_pid()
    ) then
        return 0;
    end if;

    delete from yardstick.metric_partials as p
    using yardstick.metric_series as s, yardstick.organizations as o
    where s.organization_id = any(organization_ids) and o.id = s.organization_id
        and p.series_id = s.series_id and p.organization_id = s.organization_id and p.period_type in (2, 4, 5)
        and p.period_start <> yardstick_engine.period_floor(p.period_start, p.period_type, o.week_start, o.fiscal_year_start_month);

    with

    gone as (
        delete from yardstick.metric_calculations as c
        using yardstick.organizations as o
        where c.organization_id = any(organization_ids) and o.id = c.organization_id and not exists (
            select
            from (select yardstick_engine.period_type(c.time_window) as period_type) as k
            cross join lateral (
                select
                    k.period_type,
                    yardstick_engine.period_date(c.period_start, o.timezone, k.period_type, o.week_start, o.fiscal_year_start_month) as local_date
            ) as d
            where c.period_start = yardstick_engine.local_midnight(d.local_date, o.timezone)
                and c.period_end = yardstick_engine.local_midnight(yardstick_engine.period_next(d.local_date, d.period_type), o.timezone)
        )
        returning c.*
    ),

    kept as (
        insert into yardstick.metric_calculation_revisions (
            organization_id, metric_id, aggregation_level, aggregation_id, time_window, period_start, period_end, superseded_at, cause,
            metric_version, calculation_timestamp, created_at, metric_value, target_value, calculation_status, calculation_notes, sample_size
        )
        select
            g.organization_id, g.metric_id, g.aggregation_level, g.aggregation_id, g.time_window, g.period_start, g.period_end,
            clock_timestamp(), 'calendar', g.metric_version, g.calculation_timestamp, g.created_at, g.metric_value, g.target_value, g.calculation_status,
            g.calculation_notes, g.sample_size
        from gone as g
        where g.metric_value is not null and (g.metadata ->> 'is_complete')::boolean
    ),

    -- Longer periods may have counted them among theirs, and those beside them may have followed them.
    around as (
        select distinct g.organization_id, g.metric_id, d.source_id, k.period_type, f.period_start
        from gone as g
        inner join yardstick.metric_definitions as d on d.id = g.metric_id
        inner join yardstick.organizations as o on o.id = g.organization_id
        cross join lateral (values (g.period_start), (g.period_end)) as e (at)
        cross join lateral unnest(d.time_windows) as w (time_window)
        cross join lateral (select yardstick_engine.period_type(w.time_window) as period_type) as k
        cross join lateral (
            select yardstick_engine.period_floor(
                (e.at at time zone o.timezone)::date, k.period_type, o.week_start, o.fiscal_year_start_month
            ) as period_start
        ) as f
    ),

    measured as (
        insert into yardstick.metric_dirty (organization_id, source_id, stage, measure_ids, period_type, period_start, slice_start)
        select distinct
            a.organization_id, a.source_id, case when a.period_type <= 3 then 'day' else 'month' end,
            array(select m.id from yardstick_engine.metric_measure_ids(a.metric_id) as m (id)), a.period_type, a.period_start,
            date_trunc(
                case when a.period_type <= 3 then 'month' else 'year' end, (a.period_start + case a.period_type when 2 then 6 else 0 end)::timestamp
            )::date
        from around as a
        where a.source_id is not null
    ),

    made as (
        insert into yardstick.metric_pending (organization_id, metric_id, period_type, period_start)
        select a.organization_id, a.metric_id, a.period_type, a.period_start
        from around as a
        where a.source_id is null
    )

    select count(*) into removed from gone;

    delete from yardstick.metric_refreshes as r
    where r.refresh_frequency = 'calendar' and r.organization_id = any(organization_ids);
    return removed;
end
$remove_former_periods$;

comment on function yardstick_engine.remove_former_periods() is
'Removes values and states of organizations whose calendar changed that are of no period of their calendar, once no calculation is at work that may have begun before the change; what had been stated stays among the revisions, and periods around are valued again. Returns the number of values removed; 0 also while it has to wait.';
