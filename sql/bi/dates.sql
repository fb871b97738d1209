-- The fiscal columns are the organization's own, so there is one calendar for each that the login sees, and none for a stranger.
create or replace view yardstick_bi.dates as
with

calendars as (

    select id as organization_id, timezone, week_start, fiscal_year_start_month
    from yardstick.organizations

),

days as (

    select
        calendars.organization_id,
        calendars.timezone,
        calendars.week_start,
        calendars.fiscal_year_start_month,
        date '1990-01-01' + n as calendar_date
    from calendars
    cross join lateral generate_series(
        0, make_date(extract(year from now() at time zone calendars.timezone)::integer + 5, 12, 31) - date '1990-01-01'
    ) as n

)

select
    days.organization_id,
    days.calendar_date,
    days.calendar_date::timestamp as calendar_timestamp,
    extract(year from days.calendar_date)::integer as calendar_year,
    extract(quarter from days.calendar_date)::integer as calendar_quarter,
    extract(month from days.calendar_date)::integer as calendar_month,
    to_char(days.calendar_date, 'FMMonth') as month_name,
    extract(day from days.calendar_date)::integer as day_of_month,
    extract(isodow from days.calendar_date)::integer as weekday_number,
    to_char(days.calendar_date, 'FMDay') as weekday_name,
    extract(isodow from days.calendar_date) >= 6 as is_weekend,
    extract(isoyear from days.calendar_date)::integer as iso_year,
    extract(week from days.calendar_date)::integer as iso_week,
    days.calendar_date
    - (extract(isodow from days.calendar_date)::integer - days.week_start + 7) % 7 as week_start_date,
    make_date(
        extract(year from days.calendar_date)::integer, extract(month from days.calendar_date)::integer, 1
    ) as month_start_date,
    -- A fiscal year has the number of the calendar year it ends in.
    extract(year from days.calendar_date)::integer
    + (days.fiscal_year_start_month > 1
        and extract(month from days.calendar_date) >= days.fiscal_year_start_month)::integer as fiscal_year,
    ((extract(month from days.calendar_date)::integer - days.fiscal_year_start_month + 12) % 12) / 3 + 1 as fiscal_quarter,
    days.calendar_date = (now() at time zone days.timezone)::date as is_today
from days;

comment on view yardstick_bi.dates is
'One row per organization and calendar date, from 1990 to the end of the fifth year from now.';
comment on column yardstick_bi.dates.organization_id is 'Organization it belongs to.';
comment on column yardstick_bi.dates.calendar_date is 'The date; joins to period_date.';
comment on column yardstick_bi.dates.calendar_timestamp is 'The same as a timestamp without zone, for tools that want one.';
comment on column yardstick_bi.dates.calendar_year is 'Calendar year.';
comment on column yardstick_bi.dates.calendar_quarter is 'Calendar quarter, 1 to 4.';
comment on column yardstick_bi.dates.calendar_month is 'Calendar month, 1 to 12.';
comment on column yardstick_bi.dates.month_name is 'Name of the month in English.';
comment on column yardstick_bi.dates.day_of_month is 'Day within the month, 1 to 31.';
comment on column yardstick_bi.dates.weekday_number is 'ISO weekday: 1 is Monday, 7 is Sunday.';
comment on column yardstick_bi.dates.weekday_name is 'Name of the weekday in English.';
comment on column yardstick_bi.dates.is_weekend is 'True on Saturday and Sunday.';
comment on column yardstick_bi.dates.iso_year is 'Year the ISO week belongs to.';
comment on column yardstick_bi.dates.iso_week is 'ISO week, 1 to 53.';
comment on column yardstick_bi.dates.week_start_date is 'First day of its week, by the week_start of the organization.';
comment on column yardstick_bi.dates.month_start_date is 'First day of its month.';
comment on column yardstick_bi.dates.fiscal_year is
'Fiscal year of the organization, numbered by the calendar year it ends in.';
comment on column yardstick_bi.dates.fiscal_quarter is 'Quarter of the fiscal year, 1 to 4.';
comment on column yardstick_bi.dates.is_today is 'True on the present day of the organization.';

grant select on yardstick_bi.dates to yardstick_bi;
