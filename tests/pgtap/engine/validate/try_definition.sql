begin;
select plan(8);

insert into yardstick.organizations (external_id, organization_name) values ('a', 'A');
create temp table given as
select '{"metric_name": "a", "display_name": "A", "calculation_method": "aggregation", "data_sources": {"source": "analytics_metrics", "key": "x",
    "measures": {"n": {"agg": "sum", "where": "value > 0"}, "of": {"agg": "count"}}}, "calculation_formula": "n / \"of\""}'::jsonb as definition;
create temp table before as
select (select count(*) from yardstick.metric_definitions) as definitions, (select count(*) from yardstick.metric_measures) as measures;

select is((t.trial #> '{measures,n}') - 'measure_id', '{"agg": "sum", "filter": "(source.value > (0)::numeric)", "expression": "source.value", "state_kind": "sums", "measure_key": "x"}', 'gives what would be kept')
from given cross join lateral (select yardstick_engine.try_definition(definition, null) as trial) as t;
select is(
    yardstick_engine.try_definition(definition || '{"calculation_formula": "n / off"}', null),
    '{"code": "YS002", "problem": "calculation_formula: column \"off\" does not exist; the columns are n, of", "check": null}', 'gives the refusal of define_metric'
) from given;
select is(
    yardstick_engine.find_problems(definition || '{"calculation_formula": "n / off", "aggregation_levels": ["planet"]}', null) #>> '{problems,0,problem}',
    'aggregation_levels: must be a list of org, dept, team, user; got ["planet"]', 'is tried again by find_problems'
) from given;
select is(
    array(
        select p ->> 'check' from jsonb_array_elements(yardstick_engine.find_problems(
            definition || '{"calculation_formula": "n / off", "owner_id": "00000000-0000-0000-0000-000000000009"}', null
        ) -> 'problems') as p
    ), array['owner', 'formula'], 'lets find_problems go on past what is wrong'
) from given;
select is(
    yardstick_engine.describe_formula(definition, yardstick_engine.try_definition(definition, null)),
    '{"uses": "uses n, of", "units": "the unit is not known: unit says it, at each measure that is not a count"}', 'gives what describe_formula needs'
) from given;
select isnt(
    yardstick_engine.try_definition('{"metric_name": "d", "display_name": "D", "calculation_method": "aggregation", "data_sources": {"metrics": {"x": "nowhere"}}}', null) ->> 'problem',
    null, 'tries a metric made of metrics'
);
select results_eq(
    $$select (select count(*) from yardstick.metric_definitions), (select count(*) from yardstick.metric_measures)$$,
    $$select definitions, measures from before$$, 'keeps nothing'
);
select matches(
    yardstick_engine.trial_value(definition, yardstick_engine.try_definition(definition, null), (select o.id from yardstick.organizations as o where o.external_id = 'a')) ->> 'detail',
    '^no value for monthly .*: no rows of the organization in it$', 'gives what trial_value needs'
) from given;

select * from finish();
rollback;
