-- The body is parsed when it is created, so no search_path can change it; without a SET clause it is inlined, which makes
-- it cost what a plain division costs.
create or replace function yardstick_engine.divide(dividend numeric, divisor numeric)
returns numeric
language sql
immutable
parallel safe
return dividend operator(pg_catalog./) nullif(divisor, 0);

comment on function yardstick_engine.divide(numeric, numeric) is
'Quotient of two numbers; null when the divisor is 0.';

grant execute on function yardstick_engine.divide(numeric, numeric) to yardstick_formula;
