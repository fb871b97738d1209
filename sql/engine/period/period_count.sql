create or replace function yardstick_engine.period_count(
    period_type             integer,
    from_date               date,
    to_date                 date,
    week_start              integer,
    fiscal_year_start_month integer
)
returns integer
language sql
immutable
parallel safe
return case
    when period_count.to_date <= period_count.from_date then 0
    when period_count.period_type = 1 then period_count.to_date - period_count.from_date
    when period_count.period_type = 2 then
        (
            yardstick_engine.period_floor(period_count.to_date, 2, period_count.week_start, 1)
            - yardstick_engine.period_floor(period_count.from_date, 2, period_count.week_start, 1)
        ) / 7
    else
        -- Months between the two floors, over the months in one period.
        (
            (
                date_part('year', yardstick_engine.period_floor(period_count.to_date, period_count.period_type, 1, period_count.fiscal_year_start_month)) * 12
                + date_part('month', yardstick_engine.period_floor(period_count.to_date, period_count.period_type, 1, period_count.fiscal_year_start_month))
                - date_part('year', yardstick_engine.period_floor(period_count.from_date, period_count.period_type, 1, period_count.fiscal_year_start_month)) * 12
                - date_part('month', yardstick_engine.period_floor(period_count.from_date, period_count.period_type, 1, period_count.fiscal_year_start_month))
            )::integer
            / case period_count.period_type when 3 then 1 when 4 then 3 else 12 end
        )
end;

comment on function yardstick_engine.period_count(integer, date, date, integer, integer) is
'Number of periods of a type that end after from_date and at the latest at to_date (both local dates, exclusive ends): 0 when none. period_type as in period_floor.';
