begin;
\ir ../watched_metric.psql
select plan(30);

create function pg_temp.refused(condition jsonb, more jsonb, message text, description text)
returns text
language sql
as $refused$
    select is(left(pg_temp.alert_on(condition, more), length(message)), message, description)
$refused$;

select pg_temp.alert_on('{"op": ">", "value": 10}') as alert_id
\gset
select results_eq(
    format($$
        select a.condition_config, a.severity, a.alert_type, a.is_active, a.auto_resolve, a.cooldown_minutes
        from yardstick.metric_alerts as a where a.id = %L
    $$, :'alert_id'),
    $$ values ('{"op": ">", "value": 10, "window": "daily"}'::jsonb, 'warning', 'threshold', true, true, 60) $$,
    'fills in the finest window of the metric and the defaults'
);
select is(pg_temp.alert_on('{"op": ">", "value": 10}'), :'alert_id', 'saves the same alert once');
select pg_temp.refused('{"op": ">", "value": 10}', '{"severity": "info"}', 'YS007 alert_name:', 'refuses another alert of the same name');
select r.said
from (values
    ('{"op": ">"}', '{}', 'YS001 condition_config.value: is required', 'needs a value'),
    ('{"op": "~", "value": 1}', '{}', 'YS001 condition_config.op: must be one of', 'knows its operators'),
    ('{"value": 1}', '{}', 'YS001 condition_config.op: is required', 'needs an operator'),
    ('{"op": ">", "value": "1"}', '{}', 'YS001 condition_config.value: must be a number', 'takes no text for a number'),
    ('{"op": ">", "value": 1, "for": {"k": 2}}', '{}', 'YS001 condition_config.for: unknown key', 'refuses a key that it would not honour'),
    ('{"op": ">", "value": 1, "low": 1}', '{}', 'YS001 condition_config.low: means nothing', 'refuses a bound that does nothing'),
    ('{"op": "outside", "low": 1}', '{}', 'YS001 condition_config.high: is required', 'needs both bounds of a range'),
    ('{"op": "inside", "low": 2, "high": 1}', '{}', 'YS001 condition_config.low: must not be above high', 'refuses an empty range'),
    ('{"op": "inside", "low": 2, "high": 3, "value": 1}', '{}', 'YS001 condition_config.value: means nothing', 'refuses a value beside a range'),
    ('{"op": "=", "value": 2, "clear": 1}', '{}', 'YS001 condition_config.clear: means nothing', 'refuses clear where there is no side'),
    ('{"op": ">", "value": 2, "clear": 3}', '{}', 'YS001 condition_config.clear: must lie', 'refuses clear on the wrong side'),
    ('{"op": "<", "value": 2, "clear": 1}', '{}', 'YS001 condition_config.clear: must lie', 'knows which side is wrong'),
    ('{"op": ">", "value": 1, "window": "weekly"}', '{}', 'YS001 condition_config.window: tap_scrap is calculated', 'refuses a window that is not calculated'),
    ('{"op": ">", "value": 1, "scope": {}}', '{}', 'YS001 condition_config.scope.level: is required', 'needs the level of a scope'),
    ('{"op": ">", "value": 1, "scope": {"level": "team"}}', '{}', 'YS001 condition_config.scope.level: tap_scrap', 'refuses a level that is not calculated'),
    ('{"op": ">", "value": 1, "scope": {"level": "dept", "id": "x"}}', '{}', 'YS001 condition_config.scope.id: must be a uuid', 'takes no text for a uuid'),
    ('{"op": ">", "value": 1, "scope": {"level": "dept", "id": "00000000-0000-4000-8000-000000000000"}}', '{}', 'YS003 condition_config.scope.id: unknown', 'refuses an unknown scope'),
    ('{"op": ">", "value": 1}', '{"alert_type": "anomaly"}', 'YS001 alert_type: this version judges threshold', 'says which types it judges'),
    ('{"op": ">", "value": 1}', '{"severity": "bad"}', 'YS001 severity: must be one of', 'knows the severities'),
    ('{"op": ">", "value": 1}', '{"escalation_config": {}}', 'YS001 escalation_config: unknown key', 'refuses an unknown key'),
    ('{"op": ">", "value": 1}', '{"metric_name": "tap_none"}', 'YS003 there is no metric named', 'refuses an unknown metric'),
    ('{"op": ">", "value": 1}', '{"recipient_users": ["me"]}', 'YS001 recipient_users: must be a list of uuids', 'wants recipients by id'),
    ('{"op": ">", "value": 1}', '{"recipient_users": ["00000000-0000-4000-8000-000000000000"]}', 'YS003 recipient_users', 'refuses an unknown recipient'),
    ('{"op": ">", "value": 1e12}', '{}', 'YS001 condition_config.value: must be smaller', 'refuses what no value can reach')
) as c (condition, more, message, description)
cross join lateral pg_temp.refused(c.condition::jsonb, c.more::jsonb, c.message, c.description) as r (said);

select matches(
    pg_temp.as_login('tap_acme_app', $$ select yardstick_api.create_alert('{"metric_name": "tap_scrap", "alert_name": "x", "condition_config": {"op": ">", "value": 1}}') $$),
    '^[0-9a-f-]{36}$', 'works for the organization that was chosen'
);
select matches(
    pg_temp.as_login('tap_any_app', $$ select yardstick_api.create_alert('{}') $$), '^YS004 ', 'needs an organization'
);
select matches(
    pg_temp.call('tap_birch_app', :'birch', $$ select yardstick_api.create_alert('{"metric_name": "tap_scrap", "alert_name": "x", "condition_config": {"op": ">", "value": 1}}') $$),
    '^YS003 there is no metric named', 'does not know the metrics of another organization'
);

select * from finish();
rollback;
