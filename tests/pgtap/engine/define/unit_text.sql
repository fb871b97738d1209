begin;
select plan(4);

select is(yardstick_engine.unit_text(g.parts), g.unit, format('writes %s as %s', coalesce(g.parts::text, 'nothing'), g.unit))
from (
    values
    ('{"EUR": 1}'::jsonb, 'EUR'), ('{"days": -1}', '1 per days'), ('{"EUR": 1, "USD": 1}', 'EUR USD'), (null, 'an unknown unit')
) as g (parts, unit);

select * from finish();
rollback;
