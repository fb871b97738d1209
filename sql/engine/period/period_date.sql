-- A period may begin with a date that its zone skipped: the clocks then show the date after it.
-- Bound when it is created (SQL-standard body), so it needs no search_path and is inlined where rows are many.
create or replace function yardstick_engine.period_date(
    starts_at               timestamptz,
    timezone                text,
    period_type             integer,
    week_start              integer,
    fiscal_year_start_month integer
)
returns date
language sql
immutable
parallel safe
return yardstick_engine.period_floor(
    (period_date.starts_at at time zone period_date.timezone)::date, period_date.period_type, period_date.week_start,
    period_date.fiscal_year_start_month
);

comment on function yardstick_engine.period_date(timestamptz, text, integer, integer, integer) is
'First local date of the period that begins, or had begun, at an instant, on a calendar. period_type, week_start, fiscal_year_start_month as in period_floor.';
