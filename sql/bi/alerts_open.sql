create or replace view yardstick_bi.alerts_open as
with

incidents as (

    select
        id, organization_id, alert_id, aggregation_level, aggregation_id, time_window, period_start, period_end, triggered_at,
        metric_value, threshold_value, severity_at_trigger, acknowledged_by, acknowledged_at
    from yardstick.metric_alert_history
    where resolved_at is null

),

alerts as (

    select id, alert_name, alert_type, metric_id
    from yardstick.metric_alerts

),

metrics as (

    select id, metric_name, display_name, unit_of_measure, drift_reason
    from yardstick.metric_definitions

),

organizations as (

    select id, organization_name
    from yardstick.organizations

),

departments as (

    select id, department_name
    from yardstick.departments

),

teams as (

    select id, team_name
    from yardstick.teams

),

users as (

    select id, user_name
    from yardstick.users

)

select
    incidents.organization_id,
    incidents.id as incident_id,
    incidents.alert_id,
    alerts.alert_name,
    alerts.alert_type,
    alerts.metric_id,
    metrics.metric_name,
    metrics.display_name,
    metrics.unit_of_measure,
    incidents.aggregation_level,
    incidents.aggregation_id,
    case incidents.aggregation_level
        when 'org' then organizations.organization_name
        when 'dept' then departments.department_name
        when 'team' then teams.team_name
        else users.user_name
    end as scope_name,
    incidents.time_window,
    incidents.period_start,
    incidents.period_end,
    incidents.severity_at_trigger as severity,
    incidents.metric_value::float8 as metric_value,
    incidents.threshold_value::float8 as threshold_value,
    incidents.triggered_at,
    incidents.acknowledged_at,
    acknowledgers.user_name as acknowledged_by_name,
    metrics.drift_reason as frozen_reason
from incidents
inner join alerts on alerts.id = incidents.alert_id
inner join metrics on metrics.id = alerts.metric_id
inner join organizations on organizations.id = incidents.organization_id
left join departments on incidents.aggregation_level = 'dept' and departments.id = incidents.aggregation_id
left join teams on incidents.aggregation_level = 'team' and teams.id = incidents.aggregation_id
left join users on incidents.aggregation_level = 'user' and users.id = incidents.aggregation_id
left join yardstick.users as acknowledgers on acknowledgers.id = incidents.acknowledged_by;

comment on view yardstick_bi.alerts_open is
'One row per alert and scope that fires now.';
comment on column yardstick_bi.alerts_open.organization_id is 'Organization it belongs to.';
comment on column yardstick_bi.alerts_open.incident_id is 'Identifier of the incident within its organization.';
comment on column yardstick_bi.alerts_open.alert_id is 'Alert that opened it.';
comment on column yardstick_bi.alerts_open.alert_name is 'Name of the alert.';
comment on column yardstick_bi.alerts_open.alert_type is 'threshold, trend, anomaly, target_variance or data_quality.';
comment on column yardstick_bi.alerts_open.metric_id is 'Identifier of the metric; joins to metrics.';
comment on column yardstick_bi.alerts_open.metric_name is 'Name of the metric in formulas, functions and queries.';
comment on column yardstick_bi.alerts_open.display_name is 'Name of the metric for people.';
comment on column yardstick_bi.alerts_open.unit_of_measure is
'Unit of metric_value, as defined: %, count, days, hours, a currency; null: a bare number.';
comment on column yardstick_bi.alerts_open.aggregation_level is 'Level of the scope: org, dept, team or user.';
comment on column yardstick_bi.alerts_open.aggregation_id is 'Organization, department, team or user the value is of.';
comment on column yardstick_bi.alerts_open.scope_name is 'Name of that organization, department, team or user.';
comment on column yardstick_bi.alerts_open.time_window is
'Length of the period: daily, weekly, monthly, quarterly or annual.';
comment on column yardstick_bi.alerts_open.period_start is 'First instant of the period that opened it.';
comment on column yardstick_bi.alerts_open.period_end is 'First instant after that period.';
comment on column yardstick_bi.alerts_open.severity is 'info, warning or critical, when it opened.';
comment on column yardstick_bi.alerts_open.metric_value is 'Value that opened it; null: there was none.';
comment on column yardstick_bi.alerts_open.threshold_value is 'Bound it crossed; null: not of that kind.';
comment on column yardstick_bi.alerts_open.triggered_at is 'When it opened.';
comment on column yardstick_bi.alerts_open.acknowledged_at is 'When somebody took it on; null: nobody has.';
comment on column yardstick_bi.alerts_open.acknowledged_by_name is 'Who took it on; null: nobody has.';
comment on column yardstick_bi.alerts_open.frozen_reason is
'Why its metric has drifted, so that the alert stays as it is; null: it is judged.';

grant select on yardstick_bi.alerts_open to yardstick_bi;
