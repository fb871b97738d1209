-- Without a SET clause it is inlined, so an index on a time column can be used. Outside a calculation there is no period.
-- Nothing of the tenant hangs on it: a formula that sets it itself reads another time of its own organization.
create or replace function yardstick.period_start()
returns timestamptz
language sql
stable
parallel safe
return cast(nullif(pg_catalog.current_setting('yardstick.period_start', true), '') as timestamptz);

comment on function yardstick.period_start() is
'Start of the period that is being calculated, which belongs to it; null outside of a calculation.';

grant execute on function yardstick.period_start() to yardstick_formula, yardstick_reader, yardstick_engine_role;
