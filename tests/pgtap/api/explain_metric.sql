begin;
select plan(21);
\ir ../two_organizations.psql

create schema explain_host;
create table explain_host.capas (organization text, department text, closed_at timestamptz, cost numeric);
create function explain_host.load(uuid, timestamptz, timestamptz, jsonb)
returns table (aggregation_level text, aggregation_id text, value numeric, sample_size bigint)
language sql stable set search_path = pg_catalog, pg_temp as $$select 'org'::text, null::text, 1::numeric, 1::bigint$$;
grant usage on schema explain_host to yardstick_reader;
grant select on all tables in schema explain_host to yardstick_reader;
grant execute on all functions in schema explain_host to yardstick_reader;
select yardstick_api.register_source('{"name": "capas", "relation": "explain_host.capas", "time_column": "closed_at",
    "organization_column": "organization", "levels": {"dept": "department"}}') \g /dev/null
select yardstick_api.register_function('{"name": "load", "routine": "explain_host.load"}') \g /dev/null

-- Of the platform, each of its kinds; and what two organizations have made of one of them.
select yardstick_api.define_metric(d.body || jsonb_build_object('display_name', d.body ->> 'metric_name'))
from (values
    (jsonb '{"metric_name": "cost", "calculation_method": "aggregation", "time_windows": ["daily", "annual"], "aggregation_levels": ["org", "dept"],
        "data_sources": {"source": "capas", "measures": {"total": {"agg": "sum", "value": "cost"}, "high": {"agg": "percentile", "p": 90, "value": "abs(cost)"}}},
        "calculation_formula": "total / high", "target_value": 5, "direction": "lower_better"}'),
    ('{"metric_name": "spread", "calculation_method": "aggregation", "time_windows": ["daily"], "aggregation_levels": ["org"],
        "data_sources": {"source": "capas", "measures": {"total": {"agg": "sum", "value": "cost"}, "high": {"agg": "percentile", "p": 90, "value": "cost"}}},
        "calculation_formula": "total / high"}'),
    ('{"metric_name": "backlog", "calculation_method": "sql", "data_sources": {"sources": ["capas"]},
        "calculation_formula": "select count(*) as value from capas where closed_at is null"}'),
    ('{"metric_name": "load", "calculation_method": "function", "data_sources": {"function": "load"}}'),
    ('{"metric_name": "grade", "calculation_method": "aggregation", "metric_type": "score", "data_sources": {"metrics": {"a": "cost"}}, "time_windows": ["daily"]}')
) as d (body)
\g /dev/null
select pg_temp.call('tap_acme_app', :'acme', $$select yardstick_api.define_metric('{"metric_name": "acme_cost", "display_name": "x", "calculation_method": "aggregation",
    "data_sources": {"metrics": {"c": "cost"}}, "calculation_formula": "2 * c", "time_windows": ["daily"]}')$$) as acme_metric,
pg_temp.call('tap_birch_app', :'birch', $$select yardstick_api.define_metric('{"metric_name": "birch_cost", "display_name": "x", "calculation_method": "aggregation",
    "data_sources": {"metrics": {"c": "cost"}}, "calculation_formula": "3 * c", "time_windows": ["daily"]}')$$) as birch_metric
\gset
update yardstick.metric_definitions set approval_status = 'approved';

create function pg_temp.steps(metric_name text) returns text language sql as $steps$
    select format($$select string_agg(substring(e.step from '^[^:]+'), ', ' order by e.place) from yardstick_api.explain_metric(%L) with ordinality as e (step, statement, place)$$, steps.metric_name)
$steps$;
create function pg_temp.text_of(metric_name text, step text default '') returns text language sql as $text_of$
    select format($$select string_agg(e.statement, E'\n') from yardstick_api.explain_metric(%L) as e where e.step like %L$$, text_of.metric_name, text_of.step || '%')
$text_of$;

-- Whatever can be prepared with the parameters that its comments name is whole.
create function pg_temp.prepared(metric_name text) returns text language plpgsql as $prepared$
declare
    shown record;
    types text;
    count integer := 0;
begin
    for shown in
        select e.step, e.statement from yardstick_engine.explain(null, metric_name) as e
        where e.statement like '-- $%'
    loop
        select string_agg(m.types[1], ', ') into types from regexp_matches(shown.statement, '^-- \$\d+ ([a-z]+(?:\[\])?)', 'gn') as m (types);
        execute format('prepare shown (%s) as %s', types, shown.statement);
        deallocate shown;
        count := count + 1;
    end loop;
    return count || ' whole';
end
$prepared$;

select is(
    pg_temp.as_login('tap_dba', pg_temp.steps('cost')),
    'scan (1 of 2), scan of changes (1 of 2), scan (2 of 2), scan of changes (2 of 2), merge, daily, annual', 'shows the steps of a metric with measures'
);
select is(
    pg_temp.as_login('tap_dba', pg_temp.steps('spread')), 'scan, scan of changes, merge, daily', 'shows one scan for a sum and a percentile of the same values'
);
select is(pg_temp.as_login('tap_dba', pg_temp.steps('backlog')), 'rows, query, request, monthly', 'shows those of a query');
select is(pg_temp.as_login('tap_dba', pg_temp.steps('load')), 'request, monthly', 'shows those of a function');
select is(pg_temp.as_login('tap_dba', pg_temp.steps('grade')), 'score, daily', 'shows those of a score');
select is(pg_temp.call('tap_acme_app', :'acme', pg_temp.steps('acme_cost')), 'formula, daily', 'shows those of a formula over metrics');

select is(pg_temp.prepared('cost'), '7 whole', 'gives whole statements, with their parameters, for measures');
select is(pg_temp.prepared('spread'), '4 whole', 'gives them whole for what keeps sums and lists');
select is(pg_temp.prepared('grade'), '2 whole', 'gives whole statements for a score');
select is(pg_temp.prepared('load'), '1 whole', 'gives whole statements for a function');
select is(
    (select e.statement from yardstick_engine.explain(null, 'cost') as e where e.step like 'scan of changes (1%'),
    (
        select substring(e.statement from '^(?:--[^\n]*\n)*') || yardstick_engine.scan_statement(
            d.source_id, g.measure_ids, true, false,
            is_keyed => (select bool_and(m.measure_key is not null) from yardstick.metric_measures as m where m.id = any(g.measure_ids))
        )
        from yardstick.metric_definitions as d
        cross join lateral yardstick_engine.scan_groups(array(select m.id from yardstick_engine.metric_measure_ids(d.id) as m (id))) as g
        cross join (select e.statement from yardstick_engine.explain(null, 'cost') as e where e.step like 'scan of changes (1%') as e
        where d.metric_name = 'cost'
        order by g.measure_ids
        limit 1
    ),
    'shows the text that is run'
);
select ok(
    pg_temp.as_login('tap_dba', pg_temp.text_of('backlog', 'request')) like '%yardstick_engine.evaluate_query(''%'
    and pg_temp.as_login('tap_dba', pg_temp.text_of('load', 'request')) like '%yardstick_engine.evaluate_routine(''explain_host.load''%',
    'shows what is sent to the sandbox'
);
select ok(
    pg_temp.call('tap_acme_app', :'acme', pg_temp.text_of('backlog', 'rows')) like '%tap-acme%', 'shows the rows that a query may read'
);

select ok(
    said.said like '%' || :'acme_metric' || '%' and said.said not like '%' || :'birch_metric' || '%' and said.said not like '%' || :'birch' || '%',
    'names to an application what it has made of a metric of the platform, and nothing of another organization'
)
from (select pg_temp.call('tap_acme_app', :'acme', pg_temp.text_of('cost')) as said) as said;
select ok(
    said.said like '%' || :'acme_metric' || '%' and said.said like '%' || :'birch_metric' || '%', 'names both to a DBA'
)
from (select pg_temp.as_login('tap_dba', pg_temp.text_of('cost')) as said) as said;
select ok(
    pg_temp.call('tap_acme_app', :'acme', pg_temp.text_of('backlog')) not like '%tap-birch%', 'shows an application the rows of its own organization alone'
);

select is(left(pg_temp.call('tap_acme_app', :'acme', pg_temp.text_of('birch_cost')), 5), 'YS003', 'does not know another organization''s metric');
select is(left(pg_temp.as_login('tap_any_app', pg_temp.text_of('cost')), 5), 'YS004', 'wants an application to choose an organization');
select is(left(pg_temp.as_login('tap_acme_bi', pg_temp.text_of('cost')), 5), '42501', 'is not for BI');

update yardstick.metric_definitions set is_active = false where metric_name = 'cost';
select is(
    pg_temp.as_login('tap_dba', $$select e.step from yardstick_api.explain_metric('cost') as e limit 1$$),
    'nothing is run now: the metric is not active', 'says when nothing is run'
);
drop table explain_host.capas;
select is(left(pg_temp.as_login('tap_dba', pg_temp.text_of('cost')), 5), 'YS008', 'says when the source is gone');

select * from finish();
rollback;
