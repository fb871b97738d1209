-- By name, since an organization's own metric takes the platform's place everywhere, also as a part of others: what the platform
-- defines is looked at as each organization with such metrics of its own would see it.
create or replace function yardstick_engine.closes_cycle(metric_name text, child_name text, organization_id uuid)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $closes_cycle$
    with recursive

    viewers as (

        select closes_cycle.organization_id as viewer_id
        union
        select d.organization_id
        from yardstick.metric_definitions as d
        where closes_cycle.organization_id is null and d.compiled ? 'children' and d.deleted_at is null

    ),

    made_of as (

        select v.viewer_id, closes_cycle.child_name as part_name
        from viewers as v
        -- Whoever has a metric of this name does not see the one that is being defined.
        where v.viewer_id is null or closes_cycle.organization_id is not null or not exists (
            select from yardstick.metric_definitions as own
            where own.organization_id = v.viewer_id and own.metric_name = closes_cycle.metric_name and own.deleted_at is null
        )

        union

        select m.viewer_id, p.part_name
        from made_of as m
        cross join lateral (
            select d.id, d.compiled
            from yardstick.metric_definitions as d
            where d.metric_name = m.part_name and d.deleted_at is null and (d.organization_id = m.viewer_id or d.organization_id is null)
            order by d.organization_id nulls last
            limit 1
        ) as d
        cross join lateral (
            select c.body ->> 'metric_name' as part_name
            from jsonb_each(d.compiled -> 'children') as c (alias, body)
            union
            select o.metric_name
            from yardstick.metric_relationships as r
            inner join yardstick.metric_definitions as o on r.child_metric_id = o.id
            where r.parent_metric_id = d.id and r.relationship_type in ('derives_from', 'depends_on')
        ) as p
        where m.part_name <> closes_cycle.metric_name

    )

    select exists (select from made_of as m where m.part_name = closes_cycle.metric_name)
$closes_cycle$;

comment on function yardstick_engine.closes_cycle(text, text, uuid) is
'Whether one metric, were it made of another, would in the end be made of itself, for the organization or, when the platform defines it, for any.';
