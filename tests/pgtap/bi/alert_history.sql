begin;
\ir ../some_values.psql
select plan(4);
insert into yardstick.metric_alerts (organization_id, alert_name, metric_id, alert_type, condition_config)
values (:'acme', 'Too low', :'up', 'threshold', '{}')
returning id as alert \gset
insert into yardstick.metric_alert_history (
    organization_id, alert_id, aggregation_level, aggregation_id, time_window, period_start, period_end, triggered_at,
    severity_at_trigger, resolved_at, auto_resolved
)
values
(:'acme', :'alert', 'dept', :'plant', 'monthly', '2026-01-01', '2026-02-01', '2026-02-02 00:00+00', 'warning', '2026-02-02 06:00+00', true),
(:'acme', :'alert', 'org', :'acme', 'monthly', '2026-02-01', '2026-03-01', '2026-03-02 00:00+00', 'critical', null, false);

create function pg_temp.incidents(login text, view text)
returns text
language sql
as $incidents$
    select pg_temp.as_login(login, format(
        'select string_agg(concat_ws('' '', alert_name, metric_name, scope_name, severity), '', '' order by triggered_at) from yardstick_bi.%I', view
    ))
$incidents$;

select is(
    pg_temp.incidents('tap_acme_bi', 'alert_history'), 'Too low tap_up Plant warning, Too low tap_up Acme critical',
    'has every incident of the organization'
);
select is(pg_temp.incidents('tap_acme_bi', 'alerts_open'), 'Too low tap_up Acme critical', 'leaves the open ones to alerts_open');
select is(
    pg_temp.as_login('tap_acme_bi', 'select open_hours::text from yardstick_bi.alert_history where is_auto_resolved'), '6',
    'says how long one was open'
);
select is(pg_temp.incidents('tap_birch_bi', 'alert_history'), null, 'has nothing of another organization');

select * from finish();
rollback;
