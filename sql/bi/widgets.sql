create or replace view yardstick_bi.widgets with (security_barrier) as
with

dashboards as (

    select dashboard_id, dashboard_name
    from yardstick_bi.dashboards

),

widgets as (

    select id, organization_id, dashboard_id, widget_name, widget_type, metric_ids, updated_at
    from yardstick.dashboard_widgets
    where is_visible

)

select
    widgets.organization_id,
    widgets.id as widget_id,
    widgets.dashboard_id,
    dashboards.dashboard_name,
    widgets.widget_name,
    widgets.widget_type,
    widgets.metric_ids,
    widgets.updated_at
from widgets
inner join dashboards on dashboards.dashboard_id = widgets.dashboard_id;

comment on view yardstick_bi.widgets is
'One row per widget that is drawn on a dashboard of the view dashboards.';
comment on column yardstick_bi.widgets.organization_id is 'Organization it belongs to; null: of the platform.';
comment on column yardstick_bi.widgets.widget_id is 'Identifier.';
comment on column yardstick_bi.widgets.dashboard_id is 'Dashboard it stands on.';
comment on column yardstick_bi.widgets.dashboard_name is 'Name of that dashboard.';
comment on column yardstick_bi.widgets.widget_name is 'Title.';
comment on column yardstick_bi.widgets.widget_type is
'metric_card, line_chart, bar_chart, pie_chart, table, heatmap, gauge, map, text or image.';
comment on column yardstick_bi.widgets.metric_ids is 'Metrics it shows; null: none.';
comment on column yardstick_bi.widgets.updated_at is 'When it last changed.';

grant select on yardstick_bi.widgets to yardstick_bi;
