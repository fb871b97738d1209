-- Definer, with the engine's rights: whoever saves an alert is told about metrics and scopes of its organization alone.
-- What is accepted here is judged as it stands; a key that would do nothing is refused, not kept for later.
create or replace function yardstick_engine.check_alert(organization_id uuid, alert jsonb)
returns jsonb
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $check_alert$
declare
    config   jsonb := nullif(check_alert.alert -> 'condition_config', 'null');
    metric   yardstick.metric_definitions;
    op       text;
    low      numeric;
    high     numeric;
    bound    numeric;
    clear    numeric;
    level    text;
    scope_id uuid;
    stranger text;
begin
    perform yardstick_engine.check_keys_of(check_alert.alert, '{
        "metric_name": {"type": "text", "required": true},
        "alert_name": {"type": "text", "required": true, "max": 200},
        "alert_type": {"type": "text"},
        "condition_config": {"type": "object", "required": true},
        "severity": {"type": "text", "one_of": ["info", "warning", "critical"]},
        "is_active": {"type": "boolean"},
        "check_frequency_minutes": {"type": "integer", "max": 525600},
        "cooldown_minutes": {"type": "integer", "max": 525600},
        "notification_channels": {"type": "list"},
        "recipient_users": {"type": "list"},
        "recipient_roles": {"type": "list"},
        "auto_resolve": {"type": "boolean"}
    }', '');
    if coalesce(check_alert.alert ->> 'alert_type', 'threshold') <> 'threshold' then
        raise exception using
            errcode = 'YS001',
            message = format(
                'alert_type: this version judges threshold (a value against a bound); got "%s"',
                left(check_alert.alert ->> 'alert_type', 60)
            );
    end if;

    perform yardstick_engine.check_keys_of(config, '{
        "op": {"type": "text", "required": true, "one_of": [">", ">=", "<", "<=", "=", "outside", "inside"]},
        "value": {"type": "number"},
        "low": {"type": "number"},
        "high": {"type": "number"},
        "clear": {"type": "number"},
        "window": {"type": "text", "one_of": ["daily", "weekly", "monthly", "quarterly", "annual"]},
        "scope": {"type": "object"}
    }', 'condition_config');
    config := jsonb_strip_nulls(config);
    op := config ->> 'op';
    bound := (config ->> 'value')::numeric;
    low := (config ->> 'low')::numeric;
    high := (config ->> 'high')::numeric;
    clear := (config ->> 'clear')::numeric;
    if op in ('outside', 'inside') then
        if low is null or high is null then
            raise exception using
                errcode = 'YS001',
                message = format('condition_config.%s: is required with op "%s"', case when low is null then 'low' else 'high' end, op);
        end if;
        if low > high then
            raise exception using errcode = 'YS001', message = 'condition_config.low: must not be above high; no value could be inside';
        end if;
    elsif bound is null then
        raise exception using errcode = 'YS001', message = format('condition_config.value: is required with op "%s"', op);
    end if;
    stranger := case
        when op in ('outside', 'inside') and bound is not null then 'value'
        when op not in ('outside', 'inside') and low is not null then 'low'
        when op not in ('outside', 'inside') and high is not null then 'high'
        when op in ('outside', 'inside', '=') and clear is not null then 'clear'
    end;
    if stranger is not null then
        raise exception using
            errcode = 'YS001', message = format('condition_config.%s: means nothing with op "%s"; leave it out', stranger, op);
    end if;
    if (op in ('>', '>=') and clear > bound) or (op in ('<', '<=') and clear < bound) then
        raise exception using
            errcode = 'YS001',
            message = 'condition_config.clear: must lie on the good side of value, or the alert would be over before it began';
    end if;

    select d.*
    into metric
    from yardstick.metric_definitions as d
    where d.id = yardstick_engine.find_metric(check_alert.organization_id, check_alert.alert ->> 'metric_name');
    if config ->> 'window' is null then
        config := config || jsonb_build_object('window', (
            select w.time_window
            from unnest(coalesce(metric.time_windows, array['daily'])) as w (time_window)
            order by yardstick_engine.period_type(w.time_window)
            limit 1
        ));
    elsif not config ->> 'window' = any(metric.time_windows) then
        raise exception using
            errcode = 'YS001',
            message = format(
                'condition_config.window: %s is calculated %s; got "%s"',
                metric.metric_name, array_to_string(metric.time_windows, ', '), config ->> 'window'
            );
    end if;

    if config ? 'scope' then
        perform yardstick_engine.check_keys_of(config -> 'scope', '{
            "level": {"type": "text", "required": true, "one_of": ["org", "dept", "team", "user"]},
            "id": {"type": "uuid"}
        }', 'condition_config.scope');
        level := config #>> '{scope,level}';
        scope_id := (config #>> '{scope,id}')::uuid;
        if not level = any(metric.aggregation_levels) then
            raise exception using
                errcode = 'YS001',
                message = format(
                    'condition_config.scope.level: %s is calculated for %s; got "%s"',
                    metric.metric_name, array_to_string(metric.aggregation_levels, ', '), level
                );
        end if;
        if scope_id is not null and not exists (
            select from yardstick_engine.alert_scopes(check_alert.organization_id, array[level]) as s where s.aggregation_id = scope_id
        ) then
            raise exception using
                errcode = 'YS003',
                message = format('condition_config.scope.id: unknown id %s; sync it first', scope_id);
        end if;
    end if;

    select format('%s: must be a list of uuids; got "%s"', m.path, left(m.member, 60))
    into stranger
    from (
        select 'recipient_users', u.member from jsonb_array_elements_text(nullif(alert -> 'recipient_users', 'null')) as u (member)
        union all
        select 'recipient_roles', r.member from jsonb_array_elements_text(nullif(alert -> 'recipient_roles', 'null')) as r (member)
    ) as m (path, member)
    where m.member !~* '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'
    limit 1;
    if found then
        raise exception using errcode = 'YS001', message = stranger;
    end if;

    return jsonb_strip_nulls(check_alert.alert) - 'metric_name'
        || jsonb_build_object('metric_id', metric.id, 'alert_type', 'threshold', 'condition_config', config);
end
$check_alert$;

comment on function yardstick_engine.check_alert(uuid, jsonb) is
'An alert as it is to be stored: metric_id for its name, the window filled in. Refused (YS001, YS003) with the path of '
'the key that is wrong.';

grant execute on function yardstick_engine.check_alert(uuid, jsonb) to yardstick_owner;
