create or replace function yardstick_engine.take_due(as_of timestamptz)
returns table (source_id uuid, organization_id uuid, is_first boolean)
language sql
volatile
set search_path = pg_catalog, pg_temp
as $take_due$
    with

    clocks as (
        select distinct
            o.id as organization_id, s.id as source_id, d.refresh_frequency,
            yardstick_engine.due_boundary(d.refresh_frequency, take_due.as_of, o.timezone, o.week_start) as boundary
        from (
            -- Hundreds of metrics share a source and a frequency: a boundary is found once for each organization, not for each metric.
            select distinct m.source_id, m.organization_id, m.refresh_frequency
            from yardstick.metric_definitions as m
            where m.deleted_at is null and m.is_active and m.approval_status = 'approved' and m.refresh_frequency <> 'on_demand'
        ) as d
        inner join yardstick.metric_sources as s on s.id = d.source_id and s.is_active
        inner join yardstick.organizations as o
            on o.is_active
            and (s.organization_id is null or s.organization_id = o.id)
            and (d.organization_id is null or d.organization_id = o.id)
    ),

    passed as (
        select c.organization_id, c.source_id, c.refresh_frequency, c.boundary, r.refreshed_to is null as is_first
        from clocks as c
        left join yardstick.metric_refreshes as r
            on r.organization_id = c.organization_id and r.source_id = c.source_id and r.refresh_frequency = c.refresh_frequency
        where r.refreshed_to is null or c.boundary > r.refreshed_to
    ),

    taken as (
        insert into yardstick.metric_refreshes as r (organization_id, source_id, refresh_frequency, refreshed_to)
        select p.organization_id, p.source_id, p.refresh_frequency, p.boundary
        from passed as p
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
'The (source, organization) pairs for which a refresh boundary has passed since it was last served, marked as served. is_first: none was served before, so the history that was queued when the metric was defined covers it.';
