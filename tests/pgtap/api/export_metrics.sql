begin;
select plan(12);
\ir ../two_organizations.psql

create function pg_temp.define(name text, keys jsonb default '{}') returns text language sql as $define$
    select format(
        'select yardstick_api.define_metric(%L)',
        jsonb_build_object('metric_name', name, 'display_name', name, 'calculation_method', 'external') || keys
    )
$define$;
select pg_temp.as_login('tap_dba', pg_temp.define('tap_all')) \g /dev/null
select pg_temp.call('tap_acme_app', :'acme', pg_temp.define('tap_all', '{"display_name": "Acme''s own"}')) \g /dev/null
select pg_temp.call('tap_acme_app', :'acme', pg_temp.define('tap_acme', '{"tags": [], "target_value": 1.5, "data_sources": {"agg": "sum"}}')) \g /dev/null
select pg_temp.call('tap_birch_app', :'birch', pg_temp.define('tap_birch')) \g /dev/null

create function pg_temp.names() returns text language sql immutable as $names$
    select $$select string_agg(e.metric_name, ' ' order by e.metric_name) from yardstick_api.export_metrics() as e where e.metric_name like 'tap%'$$
$names$;

select is(pg_temp.as_login('tap_dba', pg_temp.names()), 'tap_all', 'gives a DBA without organization what the platform defines');
select is(pg_temp.call('tap_dba', :'acme', pg_temp.names()), 'tap_acme tap_all', 'gives a DBA with an organization what that defines');
select is(pg_temp.call('tap_acme_app', :'acme', pg_temp.names()), 'tap_acme tap_all', 'gives an application its organization''s');
select is(pg_temp.call('tap_birch_app', :'birch', pg_temp.names()), 'tap_birch', 'gives nothing of another organization, or of the platform');
select matches(pg_temp.as_login('tap_any_app', pg_temp.names()), '^YS004 ', 'asks an application for its organization');
select matches(pg_temp.call('tap_acme_bi', :'acme', pg_temp.names()), '^42501 ', 'is not for BI logins');
select is(
    pg_temp.call('tap_acme_app', :'acme', $$select e.definition from yardstick_api.export_metrics() as e where e.metric_name = 'tap_acme'$$)::jsonb,
    '{"metric_name": "tap_acme", "display_name": "tap_acme", "calculation_method": "external", "data_sources": {"agg": "sum"}, "tags": [],
    "target_value": 1.5, "aggregation_levels": ["org"], "time_windows": ["monthly"], "refresh_frequency": "daily",
    "is_active": true, "is_public": false}',
    'gives the definition with every key that has a value'
);
select is(
    pg_temp.call('tap_acme_app', :'acme', $$select count(yardstick_api.define_metric(e.definition)) from yardstick_api.export_metrics() as e$$),
    '2', 'gives what define_metric takes'
);
select is(
    pg_temp.call('tap_acme_app', :'acme', $$select string_agg(distinct e.metric_version || ' ' || e.status, ',') from yardstick_api.export_metrics() as e$$),
    '1 approved', 'gives what changes nothing when it is defined again'
);

select yardstick_api.set_approval_gates(:'acme', '{owner}', 'a test') \g /dev/null
select pg_temp.call('tap_acme_app', :'acme', pg_temp.define('tap_acme', '{"description": "new"}')) \g /dev/null
create function pg_temp.state() returns text language sql immutable as $state$
    select $$select concat_ws(' ', e.metric_version, e.status, e.definition ->> 'description') from yardstick_api.export_metrics() as e
        where e.metric_name = 'tap_acme'$$
$state$;
select is(pg_temp.call('tap_acme_app', :'acme', pg_temp.state()), '2 draft new', 'gives the draft before what serves');
select yardstick_api.set_approval_gates(:'acme', '{}', 'a test') \g /dev/null
select pg_temp.call('tap_acme_app', :'acme', $$select yardstick_api.retire_metric('tap_acme', 'a test')$$) \g /dev/null
select is(pg_temp.call('tap_acme_app', :'acme', pg_temp.state()), '1 retired', 'gives what served of a metric that is retired');
select pg_temp.call('tap_acme_app', :'acme', pg_temp.define('tap_acme', '{"description": "back"}')) \g /dev/null
select is(pg_temp.call('tap_acme_app', :'acme', pg_temp.state()), '3 approved back', 'gives what was brought back');

select * from finish();
rollback;
