-- Ordinal: a period starts on the first of a month, so adding months never clips a day.
create or replace function yardstick_engine.period_shift(
    period_start date,
    period_type  integer,
    period_count integer
)
returns date
language sql
immutable
parallel safe
return case
    when period_shift.period_type = 1 then period_shift.period_start + period_shift.period_count
    when period_shift.period_type = 2 then period_shift.period_start + 7 * period_shift.period_count
    else (
        period_shift.period_start::timestamp
        + make_interval(months => period_shift.period_count * case period_shift.period_type when 3 then 1 when 4 then 3 when 5 then 12 end)
    )::date
end;

comment on function yardstick_engine.period_shift(date, integer, integer) is
'First local date of the period that many periods later (earlier when negative) than the one that starts at period_start. Null for an unknown period_type.';
