create or replace function yardstick_engine.mark_closed_days(as_of timestamptz)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
-- What it expects is far from what it finds, which is nothing most of the time.
set jit = off
as $mark_closed_days$
declare
    marked bigint;
begin
    with

    midnights as materialized (
        select z.timezone, b.boundary
        from (select distinct o.timezone from yardstick.organizations as o where o.is_active) as z
        cross join lateral (
            select yardstick_engine.local_midnight((mark_closed_days.as_of at time zone z.timezone)::date, z.timezone) as boundary
            offset 0
        ) as b
    ),

    clocks as (
        select o.id as organization_id, s.id as source_id, o.timezone, o.week_start, o.fiscal_year_start_month, m.boundary, r.refreshed_to
        from yardstick.organizations as o
        inner join midnights as m on m.timezone = o.timezone
        inner join yardstick.metric_sources as s
            on s.is_active and (s.organization_id is null or s.organization_id = o.id)
        left join yardstick.metric_refreshes as r
            on r.organization_id = o.id and r.source_id = s.id and r.refresh_frequency = 'day_closed'
        where o.is_active
            and exists (
                select from yardstick.metric_definitions as d
                where d.source_id = s.id and d.deleted_at is null and d.is_active
                    and d.refresh_frequency <> 'on_demand'
            )
    ),

    -- What was closed later than now, was closed by a clock that has been set back since: those days are open again. At the first look
    -- the day before may have been valued as running, by a worker whose call began in it. No value lies further ahead than five years.
    passed as (
        select
            c.organization_id, c.source_id, c.timezone, c.week_start, c.fiscal_year_start_month, c.boundary, k.is_ahead,
            b.local_day, case when k.is_ahead then b.local_day else f.local_day end as from_day,
            least(case when k.is_ahead then f.local_day else b.local_day - 1 end, make_date(extract(year from now())::integer + 5, 12, 31)) as to_day
        from clocks as c
        cross join (select greatest(mark_closed_days.as_of, clock_timestamp()) as latest) as p
        cross join lateral (select coalesce(c.refreshed_to > p.latest, false) as is_ahead) as k
        cross join lateral (select (c.boundary at time zone c.timezone)::date as local_day) as b
        cross join lateral (select coalesce((c.refreshed_to at time zone c.timezone)::date, b.local_day - 1) as local_day) as f
        where c.refreshed_to is null or c.boundary > c.refreshed_to or k.is_ahead
    ),

    taken as (
        insert into yardstick.metric_refreshes as r (organization_id, source_id, refresh_frequency, refreshed_to)
        select p.organization_id, p.source_id, 'day_closed', p.boundary
        from passed as p
        order by 1, 2
        on conflict (organization_id, source_id, refresh_frequency) do update
        set refreshed_to = excluded.refreshed_to
        returning 1
    ),

    -- Each period that ended since the last boundary holds a day that ended since: valued again, it is complete.
    closed as (
        select p.organization_id, p.source_id, k.period_type, f.period_start
        from passed as p
        cross join lateral generate_series(p.from_day::timestamp, p.to_day::timestamp, interval '1 day') as d (local_day)
        cross join (values (1), (2), (3), (4), (5)) as k (period_type)
        cross join lateral (
            select yardstick_engine.period_floor(d.local_day::date, k.period_type, p.week_start, p.fiscal_year_start_month) as period_start
        ) as f
        group by p.organization_id, p.source_id, k.period_type, f.period_start
    ),

    -- What is made of others is judged again with them. Where they have finer windows, theirs may stand as they are when one of its finest ends.
    coarser as (
        select p.id as metric_id, p.organization_id, p.time_windows, w.finest
        from yardstick.metric_definitions as p
        cross join lateral (select min(yardstick_engine.period_type(u.time_window)) as finest from unnest(p.time_windows) as u (time_window)) as w
        where p.compiled ? 'children' and p.deleted_at is null and p.is_active and exists (
            select
            from jsonb_each(p.compiled -> 'children') as child (alias, body)
            inner join yardstick.metric_definitions as d on d.metric_name = child.body ->> 'metric_name' and d.deleted_at is null
            cross join lateral unnest(d.time_windows) as u (time_window)
            where yardstick_engine.period_type(u.time_window) < w.finest
        )
    ),

    made as (
        insert into yardstick.metric_pending (organization_id, metric_id, period_type, period_start)
        select distinct c.organization_id, m.metric_id, k.period_type, f.period_start
        from closed as c
        inner join passed as p on p.organization_id = c.organization_id and p.source_id = c.source_id
        inner join coarser as m on m.finest = c.period_type and (m.organization_id is null or m.organization_id = c.organization_id)
        cross join lateral (select yardstick_engine.period_next(c.period_start, c.period_type) as next_start) as n
        cross join lateral unnest(m.time_windows) as w (time_window)
        cross join lateral (select yardstick_engine.period_type(w.time_window) as period_type) as k
        cross join lateral (
            select yardstick_engine.period_floor(n.next_start - 1, k.period_type, p.week_start, p.fiscal_year_start_month) as period_start
        ) as f
        where k.period_type > m.finest and (p.is_ahead or n.next_start <= p.local_day)
    ),

    -- A period that begins has no rows yet, and is touched by none: whoever fills those without rows begins with it.
    filling as (
        select d.source_id, d.organization_id, (u.body ->> 'measure_id')::uuid as measure_id
        from yardstick.metric_definitions as d
        cross join lateral jsonb_each(d.compiled -> 'measures') as u (measure_name, body)
        where d.compiled ? 'fill' and d.deleted_at is null and d.is_active and d.refresh_frequency <> 'on_demand'
    ),

    begun as (
        select p.organization_id, p.source_id, k.period_type, p.local_day as period_start, array_agg(distinct s.measure_id) as measure_ids
        from passed as p
        inner join filling as f on f.source_id = p.source_id and (f.organization_id is null or f.organization_id = p.organization_id)
        inner join yardstick.metric_series as s on s.organization_id = p.organization_id and s.measure_id = f.measure_id
        cross join (values (1), (2), (3), (4), (5)) as k (period_type)
        where p.local_day < make_date(extract(year from now())::integer + 6, 1, 1)
            and p.local_day = yardstick_engine.period_floor(p.local_day, k.period_type, p.week_start, p.fiscal_year_start_month)
        group by p.organization_id, p.source_id, k.period_type, p.local_day
    ),

    marked as (
        select c.organization_id, c.source_id, m.measure_ids, c.period_type, c.period_start
        from closed as c
        -- Where nothing has ended, as at most ticks, no series is read.
        inner join (
            select p.organization_id, p.source_id, array_agg(distinct s.measure_id) as measure_ids
            from passed as p
            inner join yardstick.metric_series as s on s.organization_id = p.organization_id
            inner join yardstick.metric_measures as mm on mm.id = s.measure_id and mm.source_id = p.source_id
            group by p.organization_id, p.source_id
        ) as m on m.organization_id = c.organization_id and m.source_id = c.source_id
        union all
        select b.organization_id, b.source_id, b.measure_ids, b.period_type, b.period_start
        from begun as b
    )

    insert into yardstick.metric_dirty (organization_id, source_id, stage, measure_ids, period_type, period_start, slice_start)
    select
        k.organization_id, k.source_id, case when k.period_type <= 3 then 'day' else 'month' end, k.measure_ids, k.period_type, k.period_start,
        date_trunc(case when k.period_type <= 3 then 'month' else 'year' end, (k.period_start + case k.period_type when 2 then 6 else 0 end)::timestamp)::date
    from marked as k
    where (select count(*) from taken) >= 0;
    get diagnostics marked = row_count;
    return marked;
end
$mark_closed_days$;

comment on function yardstick_engine.mark_closed_days(timestamptz) is
'Leaves a dirty row for every period that ended, or holds a day that ended, on an organization''s calendar since the last call, so that it is valued as complete, and for every one that begins on this day, of metrics that fill periods without rows. Where the mark lies ahead of the clock, which was set back, the days up to it are open again. Queues those of metrics made of others that hold a period of their finest window that ended. Returns the number of rows left.';
