begin;
select plan(9);

select results_eq(
    format('select yardstick_engine.check_method(%L)', g.definition), format('select unnest(%L::text[])', g.problems), format('says what is wrong with %s', g.definition)
)
from (
    values
    ('{"calculation_method": "manual"}'::jsonb, '{}'::text[]), ('{"calculation_method": "external", "data_sources": {"agg": "sum", "fill": "zero"}}', '{}'),
    ('{"calculation_method": "external", "data_sources": {"agg": "avg", "fill": "zero"}}',
        array['data_sources.fill: zero needs an agg of count or sum, without over_time; use carry_forward']),
    ('{"calculation_method": "external", "data_sources": {"agg": "mean"}, "calculation_formula": "1"}', array[
        'data_sources.agg: must be one of count, sum, avg, min, max, stddev, first, last; got "mean"',
        'calculation_formula: is not for calculation_method external, whose values are recorded; leave it out']),
    ('{"calculation_method": "function"}', array['data_sources: is required for calculation_method function: {function: ...} names it']),
    ('{"calculation_method": "sql", "data_sources": {"sources": []}, "calculation_formula": "select 1"}',
        array['data_sources.sources: must name at least one source']),
    ('{"calculation_method": "aggregation", "data_sources": {"metrics": {"a": "b"}, "source": "c"}}',
        array['data_sources.metrics: cannot stand beside source and measures; make a metric of the measures, and this one of metrics']),
    ('{"calculation_method": "aggregation", "data_sources": {"source": "c", "measures": {"a": {"agg": "count"}, "b": {"agg": "count"}}}}',
        array['calculation_formula: is required to make one number of several measures']),
    ('{"calculation_method": "aggregation", "data_sources": {"source": "c", "measures": {"a": {"agg": "count"}}}}', '{}')
) as g (definition, problems);

select * from finish();
rollback;
