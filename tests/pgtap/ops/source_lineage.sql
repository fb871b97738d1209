begin;
\ir ../two_organizations.psql
select plan(5);

create schema lineage_host;
create table lineage_host.capas (organization text, closed_at timestamptz, status text, cost numeric, unused text);
grant usage on schema lineage_host to yardstick_reader;
grant select on all tables in schema lineage_host to yardstick_reader;
select yardstick_api.register_source('{"name": "capas", "relation": "lineage_host.capas", "time_column": "closed_at", "organization_column": "organization"}') \g /dev/null
select yardstick_api.define_metric('{"metric_name": "closed", "display_name": "Closed", "calculation_method": "aggregation",
    "data_sources": {"source": "capas", "measures": {"closed": {"agg": "count", "where": "status = ''closed''"}}}}') as closed \gset
select pg_temp.call('tap_acme_app', :'acme', $$select yardstick_api.define_metric('{"metric_name": "cost", "display_name": "Cost", "calculation_method": "aggregation",
    "data_sources": {"source": "capas", "measures": {"cost": {"agg": "sum", "value": "cost"}}}}')$$) as cost \gset
insert into yardstick.metric_definitions (organization_id, metric_name, display_name, calculation_method, data_sources, compiled)
values (:'acme', 'score', 'Score', 'manual', '{}', jsonb_build_object('children', jsonb_build_object(
    'x', jsonb_build_object('metric_id', :'closed'), 'y', jsonb_build_object('metric_id', :'cost')
)));
insert into yardstick.metric_definitions (organization_id, metric_name, display_name, calculation_method, data_sources, compiled)
select :'acme', 'index', 'Index', 'manual', '{}', jsonb_build_object('children', jsonb_build_object('x', jsonb_build_object('metric_id', d.id)))
from yardstick.metric_definitions as d
where d.metric_name = 'score';

create function pg_temp.breaks(column_name text)
returns text
language sql
as $breaks$
    select pg_temp.as_login('tap_dba', format($$
        select string_agg(concat_ws(' | ', l.organization_name, l.metric_names, l.derived_metric_names, l.used_for), '; ' order by l.organization_name nulls first)
        from yardstick_ops.source_lineage as l where l.relation = 'lineage_host.capas' and l.column_name = %L
    $$, column_name))
$breaks$;
select is(pg_temp.breaks('status'), '{closed} | {} | {"measure closed"}; Acme | {} | {index,score}', 'names the metrics that a column is read by, and those calculated from them');
select is(pg_temp.breaks('cost'), 'Acme | {cost} | {index,score} | {"measure cost"}', 'by organization');
select is(pg_temp.breaks('closed_at'), '{closed} | {} | {time}; Acme | {cost} | {index,score} | {time}', 'counts the columns of the source itself');
select is(pg_temp.breaks('unused'), null, 'has no row for a column that nothing reads');
select is(left(pg_temp.as_login('tap_acme_bi', 'select count(*) from yardstick_ops.source_lineage'), 5), '42501', 'is for those who run the database');

select * from finish();
rollback;
