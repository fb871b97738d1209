-- Bound when it is created (SQL-standard body), so it needs no search_path and is inlined where rows are many.
create or replace function yardstick_engine.period_floor(
    local_date              date,
    period_type             integer,
    week_start              integer,
    fiscal_year_start_month integer
)
returns date
language sql
immutable
parallel safe
return case period_floor.period_type
    when 1 then period_floor.local_date
    -- 2000-01-03 was a Monday; the second modulo keeps dates before it right.
    when 2 then period_floor.local_date
        - ((period_floor.local_date - date '2000-01-03' - (period_floor.week_start - 1)) % 7 + 7) % 7
    when 3 then date_trunc('month', period_floor.local_date::timestamp)::date
    when 4 then (
        date_trunc('month', period_floor.local_date::timestamp)
        - ((date_part('month', period_floor.local_date)::integer - period_floor.fiscal_year_start_month + 12) % 3)
        * interval '1 month'
    )::date
    when 5 then (
        date_trunc('month', period_floor.local_date::timestamp)
        - ((date_part('month', period_floor.local_date)::integer - period_floor.fiscal_year_start_month + 12) % 12)
        * interval '1 month'
    )::date
end;

comment on function yardstick_engine.period_floor(date, integer, integer, integer) is
'First local date of the period that holds a local date. period_type: 1 day, 2 week, 3 month, 4 quarter, 5 year; week_start: ISO day 1 (Monday) to 7; fiscal_year_start_month: 1 to 12. Null for any other period_type.';
