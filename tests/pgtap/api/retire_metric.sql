begin;
select plan(11);
\ir ../two_organizations.psql

create function pg_temp.define(name text) returns text language sql immutable as $define$
    select format($$select yardstick_api.define_metric('{"metric_name": "%s", "display_name": "x", "calculation_method": "external"}')$$, name)
$define$;
create function pg_temp.retire(name text) returns text language sql immutable as $retire$
    select format('select yardstick_api.retire_metric(%L)', name)
$retire$;
create function pg_temp.retired() returns text language sql as $retired$
    select string_agg(coalesce(o.organization_name, 'platform') || ' ' || d.metric_name, ', ' order by o.organization_name nulls first, d.metric_name)
    from yardstick.metric_definitions as d left join yardstick.organizations as o on o.id = d.organization_id
    where d.deleted_at is not null
$retired$;
select pg_temp.as_login('tap_dba', pg_temp.define('tap_one')) \g /dev/null
select pg_temp.call('tap_acme_app', :'acme', pg_temp.define('tap_one')) \g /dev/null
select pg_temp.call('tap_birch_app', :'birch', pg_temp.define('tap_one')) \g /dev/null
select pg_temp.call('tap_birch_app', :'birch', pg_temp.define('tap_birch')) \g /dev/null

select pg_temp.call('tap_acme_app', :'acme', pg_temp.retire('tap_one')) \g /dev/null
select is(pg_temp.retired(), 'Acme tap_one', 'retires the organization''s own, not the platform''s or another''s');
select matches(pg_temp.call('tap_acme_app', :'acme', pg_temp.retire('tap_birch')), '^YS003 there is no metric named ''tap_birch'' here',
    'refuses a metric of another organization as one that does not exist');
select matches(pg_temp.call('tap_acme_app', :'acme', pg_temp.retire(null)), '^YS003 ', 'refuses no name');
select is(pg_temp.call('tap_acme_app', :'acme', pg_temp.retire('tap_one')), '', 'changes nothing the second time');
select matches(pg_temp.as_login('tap_any_app', pg_temp.retire('tap_one')), '^YS004 ', 'asks an application for its organization');
select matches(pg_temp.call('tap_acme_bi', :'acme', pg_temp.retire('tap_one')), '^42501 ', 'is not for BI logins');
select pg_temp.as_login('tap_dba', pg_temp.retire('tap_one')) \g /dev/null
select is(pg_temp.retired(), 'platform tap_one, Acme tap_one', 'retires the platform''s for a DBA without organization');
select is(
    pg_temp.call('tap_acme_app', :'acme', $$select is_retired from yardstick_api.export_metrics() where metric_name = 'tap_one'$$), 'true',
    'is seen in an export'
);

select pg_temp.call('tap_acme_app', :'acme', pg_temp.define('tap_one')) \g /dev/null
select is(pg_temp.retired(), 'platform tap_one', 'is undone by define_metric');
select pg_temp.call('tap_acme_app', :'acme', $$select yardstick_api.define_metric('{"metric_name": "tap_whole", "display_name": "x",
    "calculation_method": "aggregation", "data_sources": {"metrics": {"a": "tap_one"}}}')$$) \g /dev/null
select matches(pg_temp.call('tap_acme_app', :'acme', pg_temp.retire('tap_one')), '^YS001 tap_one: is part of tap_whole; change or retire that first$',
    'refuses what another metric is made of');
select pg_temp.call('tap_acme_app', :'acme', pg_temp.retire('tap_whole')) \g /dev/null
select is(pg_temp.call('tap_acme_app', :'acme', pg_temp.retire('tap_one')), '', 'retires the part after the whole');

select * from finish();
rollback;
