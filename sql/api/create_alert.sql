-- Definer, with the owner's rights, under the policies of the login.
create or replace function yardstick_api.create_alert(alert jsonb)
returns uuid
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $create_alert$
declare
    organization uuid := yardstick.require_organization();
    checked      jsonb := yardstick_engine.check_alert(organization, create_alert.alert);
    row_id       uuid;
    is_same      boolean;
begin
    -- Takes the turn of its organization: two alerts of one name, saved at once, would not see each other.
    perform from yardstick.organizations as o where o.id = organization for no key update;
    select a.id, to_jsonb(a) @> checked and a.condition_config = checked -> 'condition_config'
    into row_id, is_same
    from yardstick.metric_alerts as a
    where a.organization_id = organization and a.alert_name = checked ->> 'alert_name'
    limit 1;
    if is_same then
        return row_id;
    elsif row_id is not null then
        raise exception using
            errcode = 'YS007',
            message = format('alert_name: there is another alert named "%s" here; choose another name', checked ->> 'alert_name');
    end if;

    insert into yardstick.metric_alerts as a (
        organization_id, alert_name, metric_id, alert_type, condition_config, severity, is_active, check_frequency_minutes,
        cooldown_minutes, notification_channels, recipient_users, recipient_roles, auto_resolve, created_by, updated_by
    )
    select
        organization, r.alert_name, r.metric_id, r.alert_type, r.condition_config,
        coalesce(r.severity, 'warning'), coalesce(r.is_active, true),
        coalesce(r.check_frequency_minutes, 60), coalesce(r.cooldown_minutes, 60),
        r.notification_channels, r.recipient_users, r.recipient_roles, coalesce(r.auto_resolve, true),
        yardstick.current_user_id(), yardstick.current_user_id()
    from jsonb_to_record(checked) as r (
        alert_name text, metric_id uuid, alert_type text, condition_config jsonb, severity text, is_active boolean,
        check_frequency_minutes integer, cooldown_minutes integer, notification_channels text[],
        recipient_users uuid[], recipient_roles uuid[], auto_resolve boolean
    )
    returning a.id into row_id;
    return row_id;
end
$create_alert$;

comment on function yardstick_api.create_alert(jsonb) is
'Saves an alert on a metric and returns its id; the same alert twice is saved once. YS001: a key is unknown, of another'
' type or impossible. YS003: no such metric or scope. YS004: no organization chosen. YS007: another alert has this '
'name.';

grant execute on function yardstick_api.create_alert(jsonb) to yardstick_app, yardstick_worker, yardstick_dba;
