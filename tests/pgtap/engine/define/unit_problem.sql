begin;
select plan(13);

select is(
    yardstick_engine.unit_problem(jsonb_strip_nulls(jsonb_build_object('unit', jsonb_build_object('parts', yardstick_engine.unit_parts(g.unit)))), g.said), g.problem,
    format('says of a formula in %s for a metric in %s: %s', coalesce(g.unit, 'nothing known'), coalesce(g.said, 'no unit'), coalesce(g.problem, 'nothing'))
)
from (
    values
    ('EUR', 'EUR', null), ('EUR', 'eur', null), ('day', 'days', null), ('EUR', null, null), (null, 'EUR', null), ('count', 'CAPAs', null),
    ('count', 'count', null), ('%', 'days', null), ('ratio', '%', null),
    ('hours', 'EUR', 'unit_of_measure: is EUR, but the formula gives hours; say hours, or give the measures other units'),
    ('count', 'EUR', 'unit_of_measure: is EUR, but the formula gives count; say count, or give the measures other units'),
    ('EUR', '%', 'unit_of_measure: is %, but the formula gives EUR; say EUR, or give the measures other units')
) as g (unit, said, problem);
select is(yardstick_engine.unit_problem('{"unit": {"parts": {"hours": 1}, "scaled": true}}', 'days'), null, 'takes what was multiplied for a conversion');

select * from finish();
rollback;
