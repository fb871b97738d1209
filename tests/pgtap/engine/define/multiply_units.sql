begin;
select plan(8);

select is(
    yardstick_engine.multiply_units(g.one, g.other, g.power), g.product,
    format('gives %s for %s and %s to the power %s', coalesce(g.product::text, 'nothing'), coalesce(g.one::text, 'nothing'), coalesce(g.other::text, 'nothing'), g.power)
)
from (
    values
    ('{"parts": {"EUR": 1}}'::jsonb, '{"parts": {"count": 1}}'::jsonb, -1, '{"parts": {"EUR": 1, "count": -1}}'::jsonb),
    ('{"parts": {"EUR": 1}}', '{"parts": {"EUR": 1}}', -1, '{"parts": {}}'), ('{"parts": {"EUR": 1}}', '{"parts": {"EUR": 1}}', 1, '{"parts": {"EUR": 2}}'),
    ('{"parts": {"EUR": 1}}', '{"literal": true}', -1, '{"parts": {"EUR": 1}, "scaled": true}'),
    ('{"literal": true}', '{"parts": {"EUR": 1}}', -1, '{"parts": {"EUR": -1}, "scaled": true}'),
    ('{"literal": true}', '{"literal": true}', 1, '{"literal": true}'), (null, '{"parts": {"EUR": 1}}', 1, null), ('{"literal": true}', null, 1, null)
) as g (one, other, power, product);

select * from finish();
rollback;
