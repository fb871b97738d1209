begin;
\ir ../two_organizations.psql
select plan(22);

create schema lineage_host;
create table lineage_host.capas (organization text, line integer, team integer, "Due at" timestamptz, closed_at timestamptz, status text, cost numeric, unused text);
create table lineage_host.extra (day date, organization text, n integer);
grant usage on schema lineage_host to yardstick_reader;
grant select on all tables in schema lineage_host to yardstick_reader;

create function pg_temp.acme(query text)
returns text
language sql
as $acme$
    select pg_temp.call('tap_acme_app', (select o.id::text from yardstick.organizations as o where o.external_id = 'tap-acme'), query)
$acme$;

select yardstick_api.register_source('{"name": "capas", "relation": "lineage_host.capas", "time_column": "closed_at", "organization_column": "organization",
    "levels": {"dept": "line", "team": "team"}, "row_filter": "status <> ''source.unused''"}') as capas,
    yardstick_api.register_source('{"name": "extra", "relation": "lineage_host.extra", "time_column": "day", "organization_column": "organization"}') as extra \gset
select pg_temp.acme($$select yardstick_api.define_metric('{"metric_name": "on_time_rate", "display_name": "On time", "calculation_method": "aggregation",
    "calculation_formula": "100.0 * on_time / closed", "data_sources": {"source": "capas", "where": "cost > 0",
    "measures": {"on_time": {"agg": "count", "where": "closed_at <= \"Due at\""}, "closed": {"agg": "count"}}}}')$$) as rate \gset
select pg_temp.as_login('tap_dba', $$select set_config('yardstick.context', '', true)$$) \g /dev/null
insert into yardstick.metric_definitions (organization_id, metric_name, display_name, calculation_method, data_sources, compiled)
values
(:'acme', 'score', 'Score', 'manual', '{}', jsonb_build_object('children', jsonb_build_object('r', jsonb_build_object('metric_id', :'rate', 'metric_name', 'on_time_rate', 'lag', 1, 'weight', 0.4)))),
(:'acme', 'mood', 'Mood', 'manual', '{}', '{}'), (:'acme', 'goal', 'Goal', 'manual', '{}', '{}'),
(:'acme', 'queried', 'Queried', 'manual', '{}', jsonb_build_object('sources', jsonb_build_array(:'capas', :'extra'), 'uses', jsonb_build_object('extra', jsonb_build_array('n')))),
(null, 'platform_wide', 'Platform', 'manual', '{}', '{}'), (:'birch', 'on_time_rate', 'Birch', 'manual', '{}', '{}'),
(:'birch', 'birch_score', 'Birch', 'manual', '{}', '{}');
select pg_temp.acme($$select yardstick_api.relate_metrics('goal', 'score', 'contributes_to', 0.5)$$),
    pg_temp.acme($$select yardstick_api.relate_metrics('mood', 'on_time_rate', 'correlates_with', 1, 2)$$),
    pg_temp.acme($$select yardstick_api.relate_metrics('on_time_rate', 'mood', 'correlates_with', 1, 0)$$),
    pg_temp.acme($$select yardstick_api.relate_metrics('goal', 'mood', 'depends_on')$$),
    pg_temp.acme($$select yardstick_api.relate_metrics('on_time_rate', 'platform_wide', 'depends_on')$$) \g /dev/null
insert into yardstick.metric_relationships (organization_id, parent_metric_id, child_metric_id, relationship_type)
select :'birch', b.id, p.id, 'depends_on' from yardstick.metric_definitions as b, yardstick.metric_definitions as p
where b.metric_name = 'birch_score' and p.metric_name = 'platform_wide';

insert into yardstick.users (organization_id, user_name) values (:'acme', 'Ada') returning id as ada \gset
insert into yardstick.users (organization_id, user_name) values (:'acme', 'Ben') returning id as ben \gset
insert into yardstick.metric_alerts (organization_id, alert_name, metric_id, alert_type, condition_config) values (:'acme', 'late', :'rate', 'threshold', '{}');
insert into yardstick.analytics_dashboards (organization_id, dashboard_name, dashboard_type, layout_config, visibility, owner_id)
values (:'acme', 'Board', 'executive', '{}', 'public', null), (:'acme', 'Ada''s own', 'personal', '{}', 'private', :'ada');
insert into yardstick.dashboard_widgets (organization_id, dashboard_id, widget_name, widget_type, position, metric_ids, visualization_config, data_config)
select :'acme', d.id, w.name, 'gauge', '{}', w.metric_ids, '{}', w.data_config
from yardstick.analytics_dashboards as d
inner join (values
    ('Board', 'Rate', array[:'rate'::uuid], null::jsonb), ('Board', 'By name', null, '{"series": [{"metric_name": "on_time_rate"}]}'),
    ('Board', 'Not this', null, '{"title": "on_time_rate"}'), ('Ada''s own', 'Secret', array[:'rate'::uuid], null)
) as w (dashboard, name, metric_ids, data_config) on w.dashboard = d.dashboard_name;
insert into yardstick.report_templates (organization_id, name, report_type, config, visibility)
values (:'acme', 'Monthly', 'executive', '{"sections": [{"kind": "table", "metrics": ["mood", "on_time_rate"]}]}', 'public'),
(:'birch', 'Birch''s', 'executive', '{"sections": [{"kind": "table", "metrics": ["on_time_rate"]}]}', 'public')
returning id as template \g /dev/null
insert into yardstick.scheduled_reports (organization_id, name, template_id, schedule_type)
select :'acme', 'Mondays', t.id, 'manual' from yardstick.report_templates as t where t.name = 'Monthly';

create function pg_temp.rows_of(metric text, what text)
returns text
language sql
as $rows_of$
    select pg_temp.acme(format(
        $$select string_agg(concat_ws(' ', l.depth, l.kind, l.name, '(' || l.relation || ')', l.weight, l.lag_periods), '; ' order by l.depth, l.kind, l.name)
        from yardstick_api.metric_lineage(%L) as l where l.direction || ' ' || l.kind like %L$$, metric, what))
$rows_of$;

select is(pg_temp.rows_of('on_time_rate', 'up source'), '1 source capas (lineage_host.capas)', 'names the source');
select is(
    pg_temp.rows_of('on_time_rate', 'up source_column'),
    '2 source_column lineage_host.capas."Due at" (measure on_time); 2 source_column lineage_host.capas.closed_at (measure on_time, time); '
    '2 source_column lineage_host.capas.cost (measure closed, measure on_time); 2 source_column lineage_host.capas.line (level dept); '
    '2 source_column lineage_host.capas.organization (organization); 2 source_column lineage_host.capas.status (row filter)',
    'names every column that is read, and what for'
);
select is(
    pg_temp.rows_of('on_time_rate', 'up metric'), '1 metric mood (correlates_with) 1.0000 0; 1 metric platform_wide (depends_on) 1.0000 0',
    'names the metrics it rests on, with type, weight and lag'
);
select is(pg_temp.rows_of('score', 'up metric'), '1 metric on_time_rate (derives_from) 0.4 1; 2 metric mood (correlates_with) 1.0000 0; 2 metric platform_wide (depends_on) 1.0000 0', 'goes on from a derived metric');
select is(pg_temp.rows_of('score', 'up source%'), replace(replace(replace(pg_temp.rows_of('on_time_rate', 'up source%'), '2 ', '3 '), '1 source', '2 source'), '; 1', '; 2'), 'down to the columns');
select is(pg_temp.rows_of('queried', 'up source%'), '1 source capas (lineage_host.capas); 1 source extra (lineage_host.extra); '
    '2 source_column lineage_host.capas.organization (organization); 2 source_column lineage_host.extra.n (query); 2 source_column lineage_host.extra.organization (organization)', 'knows what a whole query reads');
select is(
    pg_temp.rows_of('on_time_rate', 'down metric'),
    '1 metric mood (correlates_with) 1.0000 2; 1 metric score (derives_from) 0.4 1; 2 metric goal (contributes_to) 0.5000 0',
    'names the metrics that rest on it; what correlates is not followed'
);
select is(pg_temp.rows_of('on_time_rate', 'down alert'), '1 alert late (threshold)', 'names its alerts');
select is(
    pg_temp.rows_of('on_time_rate', 'down widget'), '1 widget By name (gauge); 1 widget Rate (gauge); 1 widget Secret (gauge)',
    'names its widgets, by id and by name, for an application that named no person'
);
select is(pg_temp.rows_of('on_time_rate', 'down dashboard'), '2 dashboard Ada''s own (widget); 2 dashboard Board (widget)', 'names the dashboards they stand on');
select is(pg_temp.rows_of('on_time_rate', 'down report'), '1 report Monthly (executive)', 'names the reports of the organization that show it');
select is(pg_temp.rows_of('on_time_rate', 'down schedule'), '2 schedule Mondays (manual)', 'and when they are sent');
select is(pg_temp.rows_of('platform_wide', 'down report'), '2 report Monthly (executive)', 'follows what rests on it to the reports');
select is(pg_temp.rows_of('platform_wide', 'down metric'), '1 metric on_time_rate (depends_on) 1.0000 0; 2 metric mood (correlates_with) 1.0000 2; 2 metric score (derives_from) 0.4 1; 3 metric goal (contributes_to) 0.5000 0', 'shows no other organization''s metrics');
select is(
    pg_temp.acme($$select l.path from yardstick_api.metric_lineage('score') as l where l.name like '%Due%'$$),
    'score <- on_time_rate <- capas <- lineage_host.capas."Due at"', 'says the way up'
);
select is(
    pg_temp.acme($$select l.path from yardstick_api.metric_lineage('platform_wide') as l where l.kind = 'schedule'$$),
    'platform_wide -> on_time_rate -> Monthly -> Mondays', 'says the way down'
);
select is(
    pg_temp.acme($$select count(*) - count(distinct (l.direction, l.kind, l.id, l.name)) from yardstick_api.metric_lineage('on_time_rate') as l$$), '0', 'shows each thing once'
);
select is(
    pg_temp.as_login('tap_acme_app', format($$select yardstick_api.use_organization(%L, %L)$$, :'acme', :'ben'))
    || pg_temp.as_login('tap_acme_app', $$select string_agg(coalesce(l.name, l.path), '; ' order by l.depth, l.name) from yardstick_api.metric_lineage('on_time_rate') as l where l.kind in ('widget', 'dashboard')$$),
    'By name; Rate; on_time_rate -> (private); Board; on_time_rate -> (private) -> (private)', 'names no dashboard that belongs to another person'
);
select is(
    pg_temp.call('tap_birch_app', :'birch', $$select string_agg(l.kind || ' ' || l.name, '; ' order by l.kind) from yardstick_api.metric_lineage('on_time_rate') as l$$),
    'report Birch''s', 'shows an organization its own metric of the name and what uses that'
);
select matches(pg_temp.acme($$select count(*) from yardstick_api.metric_lineage('none')$$), '^YS003 there is no metric named ''none'' here', 'refuses an unknown metric');
select set_config('yardstick.context', '', true) \g /dev/null
select is(left(pg_temp.as_login('tap_acme_app', $$select count(*) from yardstick_api.metric_lineage('on_time_rate')$$), 5), 'YS004', 'needs an organization for an application');
select is(pg_temp.as_login('tap_dba', $$select count(*) from yardstick_api.metric_lineage('platform_wide') as l$$), '0', 'shows a DBA without organization the platform alone');

select * from finish();
rollback;
