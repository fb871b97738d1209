-- Without a SET clause it is inlined, so an index on a time column can be used. Outside a calculation there is no period.
create or replace function yardstick.period_end()
returns timestamptz
language sql
stable
parallel safe
return cast(nullif(pg_catalog.current_setting('yardstick.period_end', true), '') as timestamptz);

comment on function yardstick.period_end() is
'End of the period that is being calculated, which no longer belongs to it; null outside of a calculation.';

grant execute on function yardstick.period_end() to yardstick_formula, yardstick_reader, yardstick_engine_role;
