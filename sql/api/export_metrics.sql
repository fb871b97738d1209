-- Definer, with the owner's rights, under the policies of the login. What is being written stands before what serves: that is
-- what define_metric would be compared with.
create or replace function yardstick_api.export_metrics()
returns table (metric_id uuid, metric_name text, definition jsonb, metric_version integer, status text)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $export_metrics$
    select
        d.id,
        d.metric_name,
        coalesce(v.content, yardstick.definition_content(to_jsonb(d))),
        coalesce(v.version, d.version),
        case when d.deleted_at is not null and v.status is null then 'retired' else coalesce(v.status, d.approval_status) end
    from (select yardstick.defining_organization() as id) as o
    inner join yardstick.metric_definitions as d on d.organization_id is not distinct from o.id
    left join lateral (
        select n.content, n.version, n.status
        from yardstick.metric_definition_versions as n
        where n.metric_id = d.id and n.status in ('draft', 'in_review')
        order by n.version desc
        limit 1
    ) as v on true
    order by d.metric_name
$export_metrics$;

comment on function yardstick_api.export_metrics() is
'The definitions of the organization that is chosen, or for a DBA without one those of the platform, as define_metric takes them: the draft or '
'the version in review where there is one, else what serves or, once retired, served. YS004: no organization chosen.';

grant execute on function yardstick_api.export_metrics() to yardstick_app, yardstick_dba, yardstick_worker;
