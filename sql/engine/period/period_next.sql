-- A period starts on the first of a month, so adding months is ordinal: no day is ever clipped.
create or replace function yardstick_engine.period_next(
    period_start date,
    period_type  integer
)
returns date
language sql
immutable
parallel safe
return case period_next.period_type
    when 1 then period_next.period_start + 1
    when 2 then period_next.period_start + 7
    when 3 then (period_next.period_start::timestamp + interval '1 month')::date
    when 4 then (period_next.period_start::timestamp + interval '3 months')::date
    when 5 then (period_next.period_start::timestamp + interval '12 months')::date
end;

comment on function yardstick_engine.period_next(date, integer) is
'First local date of the period after the one that starts at period_start, which must be the start of a period of that type. Null for an unknown period_type.';
