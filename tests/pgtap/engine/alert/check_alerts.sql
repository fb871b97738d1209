begin;
\ir ../../watched_metric.psql
select plan(36);

select pg_temp.alert_on('{"op": ">", "value": 10, "clear": 8, "scope": {"level": "org"}}') as high,
    pg_temp.alert_on('{"op": "outside", "low": 0.3, "high": 100, "scope": {"level": "dept"}}', '{"severity": "critical"}') as dept,
    pg_temp.alert_on('{"op": ">=", "value": 1000, "window": "monthly"}') as monthly
\gset

select is(pg_temp.checked_on('2026-03-02'), '0 opened, 0 resolved', 'has nothing to judge where no value was ever calculated');
select is(pg_temp.state_of(:'high'), null, 'keeps no state of a series without values');

select pg_temp.day_is('2026-03-01', 50), pg_temp.day_is('2026-03-02', 10)
\g /dev/null
select is(pg_temp.checked_on('2026-03-03'), '0 opened, 0 resolved', 'does not page for the past, nor at the bound itself');
select is(pg_temp.state_of(:'high'), 'org normal', 'says normal');

select pg_temp.day_is('2026-03-03', 10.0001)
\g /dev/null
select is(pg_temp.checked_on('2026-03-03', '20:00'), '0 opened, 0 resolved', 'does not judge a period that still runs');
select is(pg_temp.checked_on('2026-03-04'), '1 opened, 0 resolved', 'opens an incident, exact to the last decimal');
select is(pg_temp.checked_on('2026-03-04'), '0 opened, 0 resolved', 'opens it once');
select is(pg_temp.state_of(:'high'), 'org firing, open', 'says firing');
select results_eq(
    format($$
        select h.metric_value, h.threshold_value, h.severity_at_trigger, h.time_window, h.period_start, h.period_end,
            h.triggered_at, h.condition_details ->> 'reason', h.condition_details ->> 'clear'
        from yardstick.metric_alert_history as h where h.alert_id = %L
    $$, :'high'),
    $$ values (
        10.0001::numeric(15, 4), 10::numeric(15, 4), 'warning', 'daily',
        timestamptz '2026-03-03 00:00 Europe/Berlin', timestamptz '2026-03-04 00:00 Europe/Berlin',
        timestamptz '2026-03-04 08:00 Europe/Berlin', '10.0001 is > 10', '8'
    ) $$,
    'writes down what it saw'
);

select pg_temp.day_is('2026-03-04', 9)
\g /dev/null
select is(pg_temp.checked_on('2026-03-05'), '0 opened, 0 resolved', 'stays open between the bound and clear');
select is(pg_temp.state_of(:'high'), 'org firing, open', 'still says firing there');
select pg_temp.day_is('2026-03-05', 8)
\g /dev/null
select is(pg_temp.checked_on('2026-03-06'), '0 opened, 1 resolved', 'is resolved at clear');
select is(pg_temp.state_of(:'high'), 'org normal', 'is normal again');
select results_eq(
    format('select h.auto_resolved, h.resolved_at from yardstick.metric_alert_history as h where h.alert_id = %L', :'high'),
    $$ values (true, timestamptz '2026-03-06 08:00 Europe/Berlin') $$, 'says when, and that nobody did it by hand'
);
select pg_temp.day_is('2026-03-06', 9)
\g /dev/null
select is(pg_temp.checked_on('2026-03-07'), '0 opened, 0 resolved', 'needs more than clear to open again');

select pg_temp.day_is('2026-03-07', 99)
\g /dev/null
select is(pg_temp.checked_on('2026-03-08'), '1 opened, 0 resolved', 'opens a second incident');
select is(pg_temp.checked_on('2026-03-09', '00:30'), '0 opened, 0 resolved', 'gives a value that is under way its time');
select is(pg_temp.state_of(:'high'), 'org firing, open', 'changes nothing meanwhile');
select is(pg_temp.checked_on('2026-03-09'), '0 opened, 0 resolved', 'is not resolved by missing data');
select is(pg_temp.state_of(:'high'), 'org no_data, open', 'says no_data, and keeps the incident open');
select pg_temp.day_is('2026-03-08', null)
\g /dev/null
select is(pg_temp.checked_on('2026-03-09', '09:00'), '0 opened, 0 resolved', 'takes a value of null for missing');
select is(pg_temp.state_of(:'high'), 'org no_data, open', 'still says no_data then');
select pg_temp.day_is('2026-03-08', 55)
\g /dev/null
select is(pg_temp.checked_on('2026-03-09', '10:00'), '0 opened, 0 resolved', 'goes on with the same incident when data is back');
select is(pg_temp.state_of(:'high'), 'org firing, open', 'says firing again');

select is(pg_temp.checked_on('2026-03-04'), '0 opened, 0 resolved', 'changes nothing when the clock goes back');
select is(pg_temp.state_of(:'high'), 'org firing, open', 'keeps its state when the clock goes back');
select pg_temp.day_is('2026-03-05', 70)
\g /dev/null
select is(pg_temp.checked_on('2026-03-09', '11:00'), '0 opened, 0 resolved', 'does not page when the past changes');
select pg_temp.day_is('2026-03-08', 5)
\g /dev/null
select is(pg_temp.checked_on('2026-03-09', '12:00'), '0 opened, 1 resolved', 'judges the newest period anew when its value changes');

select pg_temp.day_is('2026-03-09', 0.3, :'department_id')
\g /dev/null
select is(pg_temp.checked_on('2026-03-10', '01:00'), '0 opened, 0 resolved', 'counts a bound as inside');
select pg_temp.day_is('2026-03-10', 0.2999, :'department_id')
\g /dev/null
select is(pg_temp.checked_on('2026-03-11', '01:00'), '1 opened, 0 resolved', 'judges each scope by itself');
select results_eq(
    format('select h.threshold_value, h.severity_at_trigger from yardstick.metric_alert_history as h where h.alert_id = %L', :'dept'),
    $$ values (0.3::numeric(15, 4), 'critical') $$, 'names the bound that was crossed'
);
select is(pg_temp.state_of(:'monthly'), null, 'judges the window of the alert alone');
select results_eq(
    format('select a.trigger_count, a.last_triggered from yardstick.metric_alerts as a where a.id = %L', :'high'),
    $$ values (2, timestamptz '2026-03-08 08:00 Europe/Berlin') $$, 'keeps the totals on the alert'
);

update yardstick.metric_alerts as a set auto_resolve = false where a.id = :'dept';
select pg_temp.day_is('2026-03-11', 50, :'department_id')
\g /dev/null
select is(pg_temp.checked_on('2026-03-12', '01:00'), '0 opened, 0 resolved', 'leaves an incident to people when it does not resolve by itself');
select is(pg_temp.state_of(:'dept'), 'dept firing, open', 'keeps such an incident firing');

update yardstick.metric_alerts as a set is_active = false;
select pg_temp.day_is('2026-03-12', 500)
\g /dev/null
select is(pg_temp.checked_on('2026-03-13'), '0 opened, 0 resolved', 'leaves an inactive alert alone');

select * from finish();
rollback;
