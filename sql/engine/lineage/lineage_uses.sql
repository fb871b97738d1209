-- Widgets name metrics by id, and in their configuration like reports by name or id under the keys metric, metrics, metric_name,
-- metric_names, metric_id and metric_ids. A name means the organization's own metric where there is one.
create or replace function yardstick_engine.lineage_uses(
    organization_id uuid,
    user_id         uuid,
    metric_ids      uuid[],
    depths          integer[],
    paths           text[]
)
returns table (depth integer, kind text, name text, id uuid, relation text, path text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $lineage_uses$
    with

    found as materialized (

        select
            f.metric_id, f.depth, f.path,
            -- What the metric is called where it is meant; nothing where another one hides it.
            jsonb_build_object('id', d.id, 'name', case when d.organization_id is not null or not exists (
                select from yardstick.metric_definitions as own
                where own.organization_id = lineage_uses.organization_id and own.metric_name = d.metric_name and own.deleted_at is null
            ) then d.metric_name end) as called
        from unnest(lineage_uses.metric_ids, lineage_uses.depths, lineage_uses.paths) as f (metric_id, depth, path)
        inner join yardstick.metric_definitions as d on d.id = f.metric_id

    ),

    dashboards as (

        select
            b.id,
            case when b.visibility = 'public' or lineage_uses.user_id is null or b.owner_id = lineage_uses.user_id
                then b.dashboard_name
            end as name
        from yardstick.analytics_dashboards as b
        where b.deleted_at is null and (b.organization_id is null or b.organization_id = lineage_uses.organization_id)

    ),

    widgets as (

        select distinct on (w.id) w.id, w.dashboard_id, w.widget_type, found.depth, found.path,
            case when dashboards.name is not null then w.widget_name end as name, dashboards.name as dashboard_name
        from found
        inner join yardstick.dashboard_widgets as w
            on
                found.metric_id = any(w.metric_ids)
                or jsonb_path_exists(
                    jsonb_build_array(w.data_config, w.visualization_config, w.interaction_config), yardstick_engine.metric_reference(), found.called
                )
        inner join dashboards on dashboards.id = w.dashboard_id
        where w.organization_id is null or w.organization_id = lineage_uses.organization_id
        order by w.id, found.depth, found.path

    ),

    templates as (

        select distinct on (t.id) t.id, t.report_type, found.depth, found.path,
            case when t.visibility = 'public' or lineage_uses.user_id is null or t.created_by = lineage_uses.user_id
                then t.name::text
            end as name
        from found
        inner join yardstick.report_templates as t
            on jsonb_path_exists(
                jsonb_build_array(t.config, t.data_sources, t.parameters, t.layout), yardstick_engine.metric_reference(), found.called
            )
        where not t.is_deleted and (t.organization_id is null or t.organization_id = lineage_uses.organization_id)
        order by t.id, found.depth, found.path

    )

    select found.depth + 1, 'alert', a.alert_name, a.id, a.alert_type, found.path || ' -> ' || a.alert_name
    from found
    inner join yardstick.metric_alerts as a on a.metric_id = found.metric_id
    where a.organization_id is null or a.organization_id = lineage_uses.organization_id
    union all
    select widgets.depth + 1, 'widget', widgets.name, widgets.id, widgets.widget_type, concat(widgets.path, ' -> ', coalesce(widgets.name, '(private)'))
    from widgets
    union all
    (
        select distinct on (widgets.dashboard_id)
            widgets.depth + 2, 'dashboard', widgets.dashboard_name, widgets.dashboard_id, 'widget',
            concat(widgets.path, ' -> ', coalesce(widgets.name, '(private)'), ' -> ', coalesce(widgets.dashboard_name, '(private)'))
        from widgets
        order by widgets.dashboard_id, widgets.depth, widgets.path, widgets.id
    )
    union all
    select templates.depth + 1, 'report', templates.name, templates.id, templates.report_type, concat(templates.path, ' -> ', coalesce(templates.name, '(private)'))
    from templates
    union all
    select
        templates.depth + 2, 'schedule', v.name, s.id, s.schedule_type,
        concat(templates.path, ' -> ', coalesce(templates.name, '(private)'), ' -> ', coalesce(v.name, '(private)'))
    from templates
    inner join yardstick.scheduled_reports as s on s.template_id = templates.id
    cross join lateral (
        select case when templates.name is not null or s.created_by = lineage_uses.user_id then s.name::text end as name
    ) as v
    where not s.is_deleted and s.organization_id = lineage_uses.organization_id
    order by 1, 2, 3, 4
$lineage_uses$;

comment on function yardstick_engine.lineage_uses(uuid, uuid, uuid[], integer[], text[]) is
'The alerts, widgets, dashboards, reports and schedules that use the metrics found downstream, each by the shortest way.';
