begin;
select plan(10);

select is(yardstick_engine.join_units(g.one, g.other), g.joined, format('joins %s and %s', coalesce(g.one::text, 'nothing known'), coalesce(g.other::text, 'nothing known')))
from (
    values
    (null::jsonb, null::jsonb, null::jsonb), (null, '{"literal": true}', null), ('{"literal": true}', null, null),
    ('{"literal": true}', '{"literal": true}', '{"literal": true}'), ('{"parts": {"EUR": 1}}', null, '{"parts": {"EUR": 1}}'),
    ('{"literal": true}', '{"parts": {"EUR": 1}}', '{"parts": {"EUR": 1}}'), ('{"parts": {"EUR": 1}}', '{"parts": {"eur": 1}}', '{"parts": {"eur": 1}}'),
    ('{"parts": {"EUR": 1}}', '{"parts": {"USD": 1}, "scaled": true}', '{"conflict": [{"EUR": 1}, {"USD": 1}]}'),
    ('{"parts": {"days": 1}}', '{"parts": {"hours": 1}}', '{"conflict": [{"days": 1}, {"hours": 1}]}'),
    ('{"parts": {"days": 1}}', '{"parts": {"hours": 1}, "scaled": true}', '{"parts": {"days": 1}}')
) as g (one, other, joined);

select * from finish();
rollback;
