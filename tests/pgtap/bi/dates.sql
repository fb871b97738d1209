begin;
\ir ../two_organizations.psql
select plan(6);
update yardstick.organizations set fiscal_year_start_month = 4, week_start = 7 where id = :'acme';

create function pg_temp.date_row(login text, day date)
returns text
language sql
as $date_row$
    select pg_temp.as_login(login, format(
        'select concat_ws('' '', fiscal_year, fiscal_quarter, week_start_date, iso_year, iso_week, weekday_name) '
        'from yardstick_bi.dates where calendar_date = %L', day
    ))
$date_row$;

select is(pg_temp.date_row('tap_birch_bi', '2026-01-01'), '2026 1 2025-12-29 2026 1 Thursday', 'knows the calendar year');
select is(pg_temp.date_row('tap_acme_bi', '2026-03-31'), '2026 4 2026-03-29 2026 14 Tuesday', 'knows the last day of a fiscal year');
select is(pg_temp.date_row('tap_acme_bi', '2026-04-01'), '2027 1 2026-03-29 2026 14 Wednesday', 'knows the first day of the next');
select is(pg_temp.date_row('tap_acme_bi', '2026-11-22'), '2027 3 2026-11-22 2026 47 Sunday', 'starts weeks on the day of the organization');
select is(
    pg_temp.as_login('tap_acme_bi', 'select count(*) = count(distinct calendar_date) and max(calendar_date) - min(calendar_date) + 1 = count(*) from yardstick_bi.dates'),
    'true', 'has every date once'
);
select is(pg_temp.as_login('tap_stranger', 'select count(*) from yardstick_bi.dates'), '0', 'has no calendar for a stranger');

select * from finish();
rollback;
