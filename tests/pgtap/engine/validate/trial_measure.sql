begin;
select plan(11);

create temp table kept ("$time" timestamptz, "$day" date, "$f1" boolean, "$v1" numeric, "$f2" boolean default false, "$v2" numeric);
insert into kept ("$time", "$day", "$f1", "$v1") values
('2026-01-01 08:00+00', '2026-01-01', true, 1), ('2026-01-01 09:00+00', '2026-01-01', true, 4), ('2026-01-02 08:00+00', '2026-01-02', true, 9),
('2026-01-03 08:00+00', '2026-01-03', true, null), ('2026-01-04 08:00+00', '2026-01-04', false, 100);
create function pg_temp.valued(measure jsonb, number bigint default 1) returns numeric language plpgsql as $valued$
declare
    value numeric;
begin
    execute 'select ' || yardstick_engine.trial_measure(measure, number) into value;
    return round(value, 4);
end
$valued$;

select is(pg_temp.valued(g.measure), g.value, format('gives %s for %s', g.value, g.measure))
from (
    values
    ('{"agg": "count"}'::jsonb, 4.0000), ('{"agg": "count", "expression": "x"}', 3.0000), ('{"agg": "percentile", "p": 50, "expression": "x"}', 4.0000),
    ('{"agg": "last", "expression": "x"}', 9.0000), ('{"agg": "stddev", "expression": "x"}', 4.0415),
    ('{"agg": "sum", "expression": "x", "over_time": "avg"}', 7.0000), ('{"agg": "sum", "expression": "x", "over_time": "first"}', 5.0000)
) as g (measure, value);

-- A day that counts nothing has no value, as one without rows has none; of no day at all a count is zero.
select is(pg_temp.valued(g.measure, g.number), g.value, format('gives %s for %s', g.value, g.measure))
from (
    values
    ('{"agg": "count", "expression": "x", "over_time": "last"}'::jsonb, 1, 1.0000),
    ('{"agg": "count", "expression": "x", "over_time": "avg"}', 1, 1.5000),
    ('{"agg": "count", "expression": "x", "over_time": "min"}', 2, 0.0000), ('{"agg": "sum", "expression": "x", "over_time": "last"}', 2, null)
) as g (measure, number, value);

select * from finish();
rollback;
