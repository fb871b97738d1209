-- Definer, with the owner's rights, under the policies of the login.
create or replace function yardstick_api.open_alerts()
returns table (
    incident_id       uuid,
    alert_id          uuid,
    alert_name        text,
    metric_name       text,
    severity          text,
    aggregation_level text,
    aggregation_id    uuid,
    time_window       text,
    period_start      timestamptz,
    period_end        timestamptz,
    metric_value      numeric,
    threshold_value   numeric,
    condition_details jsonb,
    triggered_at      timestamptz,
    state             text,
    last_value        numeric,
    last_period_end   timestamptz,
    acknowledged_at   timestamptz,
    acknowledged_by   uuid,
    frozen_reason     text
)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $open_alerts$
declare
    organization uuid := yardstick.require_organization();
begin
    return query
    select
        h.id, h.alert_id, a.alert_name, d.metric_name, h.severity_at_trigger, h.aggregation_level, h.aggregation_id,
        h.time_window, h.period_start, h.period_end, h.metric_value::numeric, h.threshold_value::numeric, h.condition_details,
        h.triggered_at, s.state, s.last_value::numeric, s.last_period_end, h.acknowledged_at, h.acknowledged_by,
        d.drift_reason
    from yardstick.metric_alert_history as h
    inner join yardstick.metric_alerts as a on a.id = h.alert_id
    inner join yardstick.metric_definitions as d on d.id = a.metric_id
    left join yardstick.metric_alert_states as s
        on
            s.organization_id = h.organization_id
            and s.alert_id = h.alert_id
            and s.aggregation_level = h.aggregation_level
            and s.aggregation_id = h.aggregation_id
    where h.organization_id = organization and h.resolved_at is null
    order by
        case h.severity_at_trigger when 'critical' then 1 when 'warning' then 2 else 3 end,
        h.triggered_at, h.id;
end
$open_alerts$;

comment on function yardstick_api.open_alerts() is
'One row per open incident of the organization, the gravest and oldest first; state no_data: its series has stopped; '
'frozen_reason: why its metric has drifted and is not judged. '
'YS004: no organization chosen.';

grant execute on function yardstick_api.open_alerts() to yardstick_app, yardstick_worker, yardstick_dba;
