-- Rows behind a query come, change and go unseen: at each due time the periods of the last days are valued again.
create or replace function yardstick_engine.queue_clocks(as_of timestamptz)
returns bigint
language sql
volatile
set search_path = pg_catalog, pg_temp
-- What it expects is far from what it finds, which is nothing most of the time: compiled, that took 40 ms a tick.
set jit = off
as $queue_clocks$
    with

    clocks as (

        select
            o.id as organization_id, d.id as metric_id, d.time_windows, o.timezone, o.week_start, o.fiscal_year_start_month,
            yardstick_engine.due_boundary(d.refresh_frequency, queue_clocks.as_of, o.timezone, o.week_start) as boundary,
            c.refreshed_to
        from yardstick.metric_definitions as d
        inner join yardstick.organizations as o on o.is_active and (d.organization_id is null or d.organization_id = o.id)
        left join yardstick.metric_clocks as c on c.organization_id = o.id and c.metric_id = d.id
        where d.calculation_method in ('sql', 'function') and d.deleted_at is null and d.is_active and d.drifted_at is null
            and d.approval_status = 'approved' and d.refresh_frequency <> 'on_demand'
    ),

    -- What was served later than now, was served by a clock that has been set back since.
    present as (

        select greatest(queue_clocks.as_of, clock_timestamp()) as latest

    ),

    passed as (

        select clocks.*
        from clocks
        where clocks.refreshed_to is null or clocks.boundary > clocks.refreshed_to
            or clocks.refreshed_to > (select p.latest from present as p)

    ),

    taken as (

        insert into yardstick.metric_clocks as c (organization_id, metric_id, refreshed_to)
        select passed.organization_id, passed.metric_id, passed.boundary
        from passed
        order by 1, 2
        on conflict (organization_id, metric_id) do update
        set refreshed_to = excluded.refreshed_to
        returning 1

    ),

    queued as (

        insert into yardstick.metric_pending (organization_id, metric_id, period_type, period_start)
        select distinct p.organization_id, p.metric_id, k.period_type, f.period_start
        from passed as p
        cross join lateral generate_series(
            date_trunc('day', least(p.refreshed_to, queue_clocks.as_of - interval '7 days') at time zone p.timezone),
            -- What was valued as of a day to come is so no more; further than values may lie ahead, nothing was.
            least(greatest(queue_clocks.as_of, p.refreshed_to), make_timestamptz(extract(year from now())::integer + 5, 12, 31, 0, 0, 0, 'UTC'))
            at time zone p.timezone,
            interval '1 day'
        ) as g (local_day)
        cross join lateral unnest(p.time_windows) as w (time_window)
        cross join lateral (select yardstick_engine.period_type(w.time_window) as period_type) as k
        cross join lateral (
            select yardstick_engine.period_floor(g.local_day::date, k.period_type, p.week_start, p.fiscal_year_start_month) as period_start
        ) as f
        returning 1

    )

    select count(*)
    from queued
    where (select count(*) from taken) >= 0
$queue_clocks$;

comment on function yardstick_engine.queue_clocks(timestamptz) is
'Queues the periods of the last seven days, or since they were last served, of queries and functions whose due time has passed on an organization''s clock, and returns their number.';
