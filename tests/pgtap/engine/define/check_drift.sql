begin;
\ir ../../two_organizations.psql
select plan(19);

create schema drift_host;
create table drift_host.capas (organization text, "Closed at" timestamptz, status text, cost numeric, team integer);
create view drift_host.lines as select 'tap-birch'::text as organization, now() as at, 1 as n;
grant usage on schema drift_host to yardstick_reader;
grant select on all tables in schema drift_host to yardstick_reader;
select yardstick_api.register_source('{"name": "capas", "relation": "drift_host.capas", "time_column": "Closed at", "organization_column": "organization", "levels": {"team": "team"}}') \g /dev/null
create function pg_temp.define(organization text, metric_name text, measures text, more jsonb default '{}')
returns text
language sql
as $define$
    select pg_temp.call('tap_any_app', organization, format('select yardstick_api.define_metric(%L)', jsonb_build_object(
        'metric_name', metric_name, 'display_name', metric_name, 'calculation_method', 'aggregation',
        'data_sources', jsonb_build_object('source', 'capas', 'measures', measures::jsonb)
    ) || more))
$define$;
select pg_temp.define(:'acme', 'rate', '{"n": {"agg": "count", "where": "status = ''cost''"}}'), pg_temp.define(:'birch', 'cost', '{"n": {"agg": "sum", "value": "cost"}}'),
    pg_temp.define(:'birch', 'by_team', '{"n": {"agg": "count"}}', '{"aggregation_levels": ["org", "team"]}'), pg_temp.define(:'acme', 'count', '{"n": {"agg": "count"}}') \g /dev/null
select set_config('yardstick.context', '', true) \g /dev/null

create function pg_temp.checked()
returns text
language sql
as $checked$
    select pg_temp.as_login('yardstick_worker', 'select yardstick_engine.check_drift()')
$checked$;
create function pg_temp.drifted()
returns text
language sql
as $drifted$
    select string_agg(d.metric_name, ', ' order by d.metric_name) from yardstick.metric_definitions as d where d.drifted_at is not null
$drifted$;

select is(pg_temp.checked(), '0', 'finds nothing where nothing has changed');
alter table drift_host.capas drop column cost;
select is(pg_temp.checked(), '1', 'says how many it marked');
select is(pg_temp.drifted(), 'cost', 'marks the metrics that read a column, not one that has its name in a literal');
select is(pg_temp.checked(), '0', 'marks them once');
select results_eq(
    $$select d.last_error_code, d.last_error, d.drift_reason, d.drifted_at is not null from yardstick.metric_definitions as d where d.metric_name = 'cost'$$,
    $$select 'YS009', r.reason, r.reason, true from (select 'the column cost of drift_host.capas is gone: bring it back, or define the metric again without it') as r (reason)$$,
    'says why, and the way out'
);
update yardstick.metric_definitions set last_error_code = '42703', last_error = 'no such column' where metric_name = 'cost';
select is((select d.last_error_code from yardstick.metric_definitions as d where d.metric_name = 'cost'), 'YS009', 'lets no other error cover that');
alter table drift_host.capas drop column team;
select pg_temp.checked() \g /dev/null
select is(pg_temp.drifted(), 'by_team, cost', 'marks for a level those that are calculated for it');
alter table drift_host.capas rename column "Closed at" to "Closed on";
select pg_temp.checked() \g /dev/null
select is(pg_temp.drifted(), 'by_team, cost, count, rate', 'marks all for a column of the source itself');
select is(
    (select d.drift_reason from yardstick.metric_definitions as d where d.metric_name = 'by_team'),
    'the column "Closed at" of drift_host.capas is gone: bring it back, or define the metric again without it; '
    'the column team of drift_host.capas is gone: bring it back, or define the metric again without it', 'names all that is gone'
);
alter table drift_host.capas rename column "Closed on" to "Closed at";
alter table drift_host.capas add column team integer;
select is(pg_temp.checked(), '4', 'ends what is over, and says less of the rest');
select is(
    (select string_agg(concat_ws(' ', d.metric_name, coalesce(d.last_error, 'none')), ', ') from yardstick.metric_definitions as d where d.drifted_at is null and d.source_id is not null and d.metric_name = 'rate'),
    'rate none', 'and the error with it'
);
select is(
    pg_temp.as_login('tap_dba', $$select h.detail from yardstick_ops.health as h where h.check_name like 'sources: they offer%' and not h.ok$$),
    'cost has drifted: the column cost of drift_host.capas is gone: bring it back, or define the metric again without it', 'shows in health'
);
select is(
    pg_temp.as_login('tap_dba', $$select h.ok from yardstick_ops.health as h where h.check_name like 'calculation: no metric failed%'$$), 'true', 'shows there once'
);

-- An open incident, as each door shows it.
insert into yardstick.metric_alerts (organization_id, alert_name, metric_id, alert_type, condition_config)
select :'birch', 'dear', d.id, 'threshold', '{"op": ">", "value": 1, "window": "monthly"}' from yardstick.metric_definitions as d where d.metric_name = 'cost'
returning id as alert \gset
insert into yardstick.metric_alert_history (organization_id, alert_id, aggregation_level, aggregation_id, time_window, period_start, period_end, severity_at_trigger)
values (:'birch', :'alert', 'org', :'birch', 'monthly', '2026-01-01', '2026-02-01', 'warning');
select matches(pg_temp.as_login('tap_birch_bi', 'select a.frozen_reason from yardstick_bi.alerts_open as a'), '^the column cost of', 'is shown to BI as the reason why an alert stays as it is');
select matches(pg_temp.call('tap_birch_app', :'birch', 'select a.frozen_reason from yardstick_api.open_alerts() as a'), '^the column cost of', 'is shown to the application');
select is(pg_temp.as_login('tap_acme_bi', 'select count(*) from yardstick_bi.alerts_open as a'), '0', 'is shown to no other organization');
select set_config('yardstick.context', '', true) \g /dev/null
update yardstick.metric_definitions set deleted_at = now() where metric_name = 'cost';
select pg_temp.checked() \g /dev/null
select is(pg_temp.drifted(), null, 'is over for a metric that was retired');
select is(pg_temp.as_login('tap_dba', 'select yardstick_engine.check_drift()'), '0', 'is for a DBA too');
select is(left(pg_temp.as_login('tap_acme_app', 'select yardstick_engine.check_drift()'), 5), '42501', 'is for no application');

select * from finish();
rollback;
