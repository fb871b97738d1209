begin;
select plan(9);

select results_eq(
    format('select yardstick_engine.check_measures(%L)', g.sources), format('select unnest(%L::text[])', g.problems), format('says what is wrong with %s', left(g.sources::text, 80))
)
from (
    values
    ('{"source": "s", "key": "k", "measures": {"a": {"agg": "percentile", "value": "v", "p": 95}}}'::jsonb, '{}'::text[]),
    ('{"measures": {"a": {"agg": "sum", "p": 5}, "B": {"agg": "count"}, "c": 5}}', array[
        'data_sources.source: is required',
        'data_sources.measures.B: must be a name of small letters, digits and underscores, at most 63, a letter first',
        'data_sources.measures.a.p: is only for agg percentile',
        'data_sources.measures.c: must be an object with the keys accuracy, agg, over_time, p, unit, value, where; got number']),
    ('{"source": "s", "measures": {"a": {"agg": "percentile", "p": 0.95}}}', array['data_sources.measures.a.p: is in percent; write 95']),
    ('{"source": "s", "fill": "zero", "measures": {"a": {"agg": "avg"}}}', array[
        'data_sources.measures.a.agg: with fill zero only count and sum without over_time, for nothing else is zero where there are no rows; use carry_forward']),
    ('{"source": "s", "measures": {"a": {"agg": "count_distinct", "accuracy": "approximate"}, "b": {"agg": "percentile", "p": 5, "accuracy": "exact"}}}', '{}'),
    ('{"source": "s", "measures": {"a": {"agg": "sum", "accuracy": "approximate"}}}', array[
        'data_sources.measures.a.accuracy: is only for percentile and count_distinct; sum is exact however many rows there are']),
    ('{"source": "s", "fill": "carry_forward", "measures": {"a": {"agg": "percentile", "p": 5, "accuracy": "approximate"}}}', array[
        'data_sources.measures.a.accuracy: with fill carry_forward only exact, for a value that is carried forward does not say that it was estimated']),
    (jsonb_build_object('source', 's', 'key', repeat('😀', 60), 'measures', '{"a": {"agg": "count"}}'::jsonb), array['data_sources.key: must not be longer than 200 bytes']),
    (jsonb_build_object('source', 's', 'measures', (select jsonb_object_agg('m' || n, '{"agg": "count"}'::jsonb) from generate_series(1, 101) as n)),
        array['data_sources.measures: must not name more than 100 measures; make several metrics of them, and one of those'])
) as g (sources, problems);

select * from finish();
rollback;
