begin;
select plan(9);

create temp table given as
select '{"owner_id": "x", "aggregation_levels": ["team"], "data_sources": {"source": "s", "where": "w", "key": "k", "measures": {"a": {"agg": "sum", "value": "v", "where": "c"}}}}'::jsonb as definition;
select is(yardstick_engine.without_problem(definition, g.path), jsonb_set(definition, g.place, g.content), format('mends %s', g.path))
from given cross join (
    values ('data_sources.measures.a.value', '{data_sources,measures,a,value}'::text[], '"1"'::jsonb),
    ('data_sources.measures.a', '{data_sources,measures,a}', '{"agg": "sum", "value": "1"}')
) as g (path, place, content);
select is(yardstick_engine.without_problem(definition, g.path), definition #- g.place, format('takes %s out', g.path))
from given cross join (
    values ('owner_id', '{owner_id}'::text[]), ('aggregation_levels', '{aggregation_levels}'), ('data_sources.where', '{data_sources,where}'),
    ('data_sources.measures.a.where', '{data_sources,measures,a,where}')
) as g (path, place);
select is(yardstick_engine.without_problem(definition, 'data_sources.source'), null, 'gives up where nothing is left to look at') from given;
select is(
    yardstick_engine.without_problem('{"data_sources": {"metrics": {"a": "x", "b": "y"}}}', 'data_sources.metrics.a'),
    '{"data_sources": {"metrics": {"b": "y"}}}', 'takes one metric out of several'
);
select is(yardstick_engine.without_problem('{"data_sources": {"metrics": {"a": "x"}}}', 'data_sources.metrics.a'), null, 'leaves at least one metric');

select * from finish();
rollback;
