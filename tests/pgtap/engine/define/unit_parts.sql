begin;
select plan(7);

select is(yardstick_engine.unit_parts(g.unit), g.parts, format('reads %s as %s', coalesce(g.unit, 'nothing'), coalesce(g.parts::text, 'not known')))
from (
    values
    ('EUR', '{"EUR": 1}'::jsonb), (' kWh ', '{"kWh": 1}'), ('Day', '{"days": 1}'), ('hours', '{"hours": 1}'), ('%', '{}'), ('ratio', '{}'), (null, null)
) as g (unit, parts);

select * from finish();
rollback;
