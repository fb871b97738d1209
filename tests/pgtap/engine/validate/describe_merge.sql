begin;
select plan(8);

select is(yardstick_engine.describe_merge(g.measure), g.words, format('says how %s merges', g.measure))
from (
    values
    ('{"agg": "count"}'::jsonb, 'added up'), ('{"agg": "avg"}', 'from sums and counts, so that each row weighs the same; never a mean of means'),
    ('{"agg": "stddev"}', 'from counts, sums and sums of squares'), ('{"agg": "percentile", "p": 95}', 'from lists of all values'),
    ('{"agg": "percentile", "p": 95, "accuracy": "approximate"}',
        'from lists of all values up to 1000 of them, from t-digests beyond where the extension tdigest is installed'),
    ('{"agg": "count_distinct", "accuracy": "approximate"}',
        'from sets of the different values up to 1000 of them, from HyperLogLogs beyond where the extension hll is installed'),
    ('{"agg": "sum", "over_time": "avg"}', 'from the days'' own values: of each department or organization the sum of a day is taken, and of its days the mean')
) as g (measure, words);
select is_empty(
    $$select a from unnest(array['count', 'sum', 'avg', 'min', 'max', 'stddev', 'count_distinct', 'percentile', 'first', 'last']) as a
    where yardstick_engine.describe_merge(jsonb_build_object('agg', a)) is null$$, 'knows every aggregate'
);

select * from finish();
rollback;
