begin;
select plan(5);

create temp table given as
select '{"metric_name": "a", "display_name": "A", "calculation_method": "aggregation", "aggregation_levels": ["org", "dept"], "data_sources": {
    "source": "analytics_metrics", "where": "valu > 0", "measures": {"n": {"agg": "sum", "where": "value", "value": "value +"}, "of": {"agg": "count"}}},
    "calculation_formula": "n / off"}'::jsonb as definition;
create function pg_temp.failed(definition jsonb) returns text[] language sql as $failed$
    select array(
        select r.check_name || ' ' || split_part(r.detail, ':', 1) from yardstick_engine.validate_definition(definition, null, null) as r where not r.passed
    )
$failed$;

select is(
    pg_temp.failed(definition), array['filter data_sources.where', 'filter data_sources.measures.n.where', 'value data_sources.measures.n.value',
        'formula calculation_formula', 'uses not checked', 'units not checked', 'last_value not checked'], 'goes on past what is wrong'
) from given;
select is(
    pg_temp.failed('{"metric_name": "a", "display_name": "A", "calculation_method": "aggregation",
        "data_sources": {"metrics": {"x": "nowhere", "y": "neither"}}, "calculation_formula": "x / y"}'),
    array['children data_sources.metrics.x', 'children data_sources.metrics.y', 'cycle not checked', 'formula not checked', 'uses not checked',
        'units not checked', 'last_value not checked'],
    'names every metric that there is not'
);
select is(
    pg_temp.failed('{"metric_name": "a", "display_name": "A", "calculation_method": "aggregation", "data_sources": {"source": "nowhere", "measures": {"n": {"agg": "count"}}}}'),
    array['source data_sources.source', 'relation not checked', 'columns not checked', 'formula not checked', 'uses not checked', 'units not checked',
        'merge not checked', 'cost not checked', 'last_value not checked'],
    'checks nothing of a source that there is not'
);
select is(
    pg_temp.failed('{"metric_name": "a", "display_name": "A", "calculation_method": "sql", "data_sources": {"sources": ["nowhere"]}, "calculation_formula": "select 1"}'),
    array['query data_sources.sources[0]', 'cost not checked', 'last_value not checked'], 'has one row for a query'
);
select is(pg_temp.failed('{"metric_name": "a", "display_name": "A", "calculation_method": "manual"}'), array[]::text[], 'passes what is right');

select * from finish();
rollback;
