-- By name, since an organization's own metric takes the platform's place everywhere, also as a part of others.
create or replace function yardstick_engine.metric_parents(metric_ids uuid[], only_organization uuid default null)
returns table (metric_id uuid, parent_id uuid, parent_organization_id uuid, lag_periods integer, time_windows text[])
language sql
stable
set search_path = pg_catalog, pg_temp
as $metric_parents$
    select distinct d.id, p.id, p.organization_id, (child.body ->> 'lag')::integer, p.time_windows
    from yardstick.metric_definitions as d
    inner join yardstick.metric_definitions as p
        on p.compiled ? 'children' and p.deleted_at is null and p.is_active and p.approval_status = 'approved'
        and (p.organization_id is null or d.organization_id is null or p.organization_id = d.organization_id)
        and (metric_parents.only_organization is null or p.organization_id is null or p.organization_id = metric_parents.only_organization)
    cross join lateral jsonb_each(p.compiled -> 'children') as child (alias, body)
    where d.id = any(metric_parents.metric_ids) and child.body ->> 'metric_name' = d.metric_name
$metric_parents$;

comment on function yardstick_engine.metric_parents(uuid[], uuid) is
'Metrics that are made of the given ones, and by how many periods each looks back at them; a parent with an organization is concerned by values of that organization only. only_organization: those of other organizations are left out.';
