begin;
select plan(4);

select results_eq(
    format('select yardstick_engine.check_children(%L)', g.definition), format('select unnest(%L::text[])', g.problems), format('says what is wrong with %s', left(g.definition::text, 80))
)
from (
    values
    ('{"data_sources": {"metrics": {"a": "x", "b": {"metric": "y", "lag": 1}}}, "calculation_formula": "a / b"}'::jsonb, '{}'::text[]),
    ('{"data_sources": {"metrics": {"a": "x", "b": {"metric": "y", "weight": 2}}}, "metric_type": "score"}', '{}'),
    ('{"data_sources": {"metrics": {"A": "x", "b": {"metric": "y", "weight": 2}, "c": {"lag": -1}, "d": "Y"}}}', array[
        'data_sources.metrics.A: must be a name of small letters, digits and underscores, at most 63, a letter first',
        'data_sources.metrics.b.weight: is only for metric_type score without a formula; a formula says itself how its parts weigh',
        'data_sources.metrics.c.lag: must be a whole number from 0 to 1000; got -1', 'data_sources.metrics.c.metric: is required',
        'data_sources.metrics.d: must be a name of small letters, digits and underscores, at most 63, a letter first',
        'calculation_formula: is required to make one number of several metrics; only metric_type score does without']),
    ('{"data_sources": {"metrics": {}}}', array['data_sources.metrics: must name at least one metric, such as {defects: defect_count}'])
) as g (definition, problems);

select * from finish();
rollback;
