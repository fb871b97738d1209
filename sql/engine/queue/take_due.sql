create or replace function yardstick_engine.take_due(as_of timestamptz)
returns table (source_id uuid, organization_id uuid, is_first boolean)
language sql
volatile
set search_path = pg_catalog, pg_temp
set jit = off
as $take_due$
    with

    -- Told by the clock, of which thousands of organizations have but a few.
    moments as materialized (
        select f.refresh_frequency, z.timezone, z.week_start, b.boundary
        from (select distinct d.refresh_frequency from yardstick.metric_definitions as d where d.refresh_frequency <> 'on_demand') as f
        cross join (select distinct o.timezone, o.week_start from yardstick.organizations as o where o.is_active) as z
        cross join lateral (
            select yardstick_engine.due_boundary(f.refresh_frequency, take_due.as_of, z.timezone, z.week_start) as boundary
            offset 0
        ) as b
    ),

    clocks as (
        select distinct
            o.id as organization_id, s.id as source_id, d.refresh_frequency, m.boundary,
            s.capture_mark is not null or (s.capture and s.relation = 'yardstick.analytics_metrics') as is_captured
        from (
            -- Hundreds of metrics share a source and a frequency: asked once for each organization, not for each metric.
            select distinct d.source_id, d.organization_id, d.refresh_frequency
            from yardstick.metric_definitions as d
            where d.deleted_at is null and d.is_active and d.approval_status = 'approved' and d.refresh_frequency <> 'on_demand'
        ) as d
        inner join yardstick.metric_sources as s on s.id = d.source_id and s.is_active
        inner join yardstick.organizations as o
            on o.is_active
            and (s.organization_id is null or s.organization_id = o.id)
            and (d.organization_id is null or d.organization_id = o.id)
        inner join moments as m
            on m.refresh_frequency = d.refresh_frequency and m.timezone = o.timezone and m.week_start = o.week_start
    ),

    -- What was served later than now, was served by a clock that has been set back since.
    present as (
        select greatest(take_due.as_of, clock_timestamp()) as latest
    ),

    passed as (
        select
            c.organization_id, c.source_id, c.refresh_frequency, c.boundary, r.refreshed_to is null as is_first,
            -- What is due at every tick is marked now and then: thousands of rows a minute would be written to say so. Only where changes
            -- are looked for, and not noted, would it be looked again within one call.
            c.refresh_frequency <> 'real_time' or not c.is_captured
            or (c.boundary < r.refreshed_to + interval '10 minutes') is not true
            or r.refreshed_to > (select p.latest from present as p) as is_marked
        from clocks as c
        left join yardstick.metric_refreshes as r
            on r.organization_id = c.organization_id and r.source_id = c.source_id and r.refresh_frequency = c.refresh_frequency
        where r.refreshed_to is null or c.boundary > r.refreshed_to or r.refreshed_to > (select p.latest from present as p)
    ),

    taken as (
        insert into yardstick.metric_refreshes as r (organization_id, source_id, refresh_frequency, refreshed_to)
        select p.organization_id, p.source_id, p.refresh_frequency, p.boundary
        from passed as p
        where p.is_marked
        order by 1, 2, 3
        on conflict (organization_id, source_id, refresh_frequency) do update
        set refreshed_to = excluded.refreshed_to
        returning 1
    )

    select p.source_id, p.organization_id, bool_and(p.is_first)
    from passed as p
    where (select count(*) from taken) >= 0
    group by p.source_id, p.organization_id
$take_due$;

comment on function yardstick_engine.take_due(timestamptz) is
'The (source, organization) pairs for which a refresh boundary has passed since it was last served, marked as served; of real_time metrics of captured sources, which are due at every call, the mark may be ten minutes old. A mark that lies ahead of the clock, which was set back, counts as passed. is_first: none was served before, so the history that was queued when the metric was defined covers it.';
