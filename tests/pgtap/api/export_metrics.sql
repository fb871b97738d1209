begin;
select plan(9);
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
    "target_value": 1.5, "aggregation_levels": ["org"], "time_windows": ["monthly"], "refresh_frequency": "daily", "retention_days": 730,
    "is_active": true, "is_public": false}',
    'gives the definition with every key that has a value'
);
select is(
    pg_temp.call('tap_acme_app', :'acme', $$select count(yardstick_api.define_metric(e.definition)) from yardstick_api.export_metrics() as e$$),
    '2', 'gives what define_metric takes'
);
select is(
    pg_temp.call('tap_acme_app', :'acme', $$select string_agg(distinct e.metric_version || ' ' || e.is_retired, ',') from yardstick_api.export_metrics() as e$$),
    '1 false', 'gives what changes nothing when it is defined again'
);

select * from finish();
rollback;
