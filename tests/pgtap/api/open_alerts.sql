begin;
\ir ../watched_metric.psql
select plan(5);

select pg_temp.alert_on('{"op": ">", "value": 10}') as warning, pg_temp.alert_on('{"op": ">", "value": 11}', '{"severity": "critical"}') as critical
\gset
select pg_temp.day_is('2026-03-01', 12), pg_temp.checked_on('2026-03-02')
\g /dev/null

create function pg_temp.open_ones()
returns text
language sql
as $open_ones$
    select pg_temp.as_login('tap_acme_app', $$
        select string_agg(format('%s %s %s %s', o.severity, o.metric_name, o.metric_value, o.state), '; ')
        from yardstick_api.open_alerts() as o
    $$)
$open_ones$;

select is(pg_temp.open_ones(), 'critical tap_scrap 12.0000 firing; warning tap_scrap 12.0000 firing', 'lists the gravest first');
select pg_temp.checked_on('2026-03-04')
\g /dev/null
select is(
    pg_temp.open_ones(), 'critical tap_scrap 12.0000 no_data; warning tap_scrap 12.0000 no_data', 'says when a series has stopped'
);
select pg_temp.day_is('2026-03-03', 1), pg_temp.checked_on('2026-03-04', '09:00')
\g /dev/null
select is(pg_temp.open_ones(), null, 'lists no incident that is over');

select pg_temp.day_is('2026-03-04', 99), pg_temp.checked_on('2026-03-05')
\g /dev/null
select is(
    pg_temp.call('tap_birch_app', :'birch', 'select count(*) from yardstick_api.open_alerts()'), '0',
    'shows nothing of another organization'
);
select matches(
    pg_temp.as_login('tap_any_app', 'select count(*) from yardstick_api.open_alerts()'), '^0$|^YS004 ', 'needs an organization'
);

select * from finish();
rollback;
