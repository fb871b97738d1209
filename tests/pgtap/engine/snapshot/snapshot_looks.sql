begin;
select plan(6);

insert into yardstick.organizations (id, organization_name, timezone) values
('00000000-0000-7000-8000-0000000000a1', 'Acme', 'America/New_York'), ('00000000-0000-7000-8000-0000000000a2', 'Upolu', 'Pacific/Apia');

create temp table months as
select k.*
from yardstick_engine.snapshot_looks('00000000-0000-7000-8000-0000000000a1', 'monthly', '2026-02-28', '2026-03-31', '2026-04-01 04:00+00') as k;

select results_eq(
    'select snapshot_date, count(*), count(place) from months group by 1 order by 1',
    $$values (date '2026-02-28', 30::bigint, 30::bigint), ('2026-03-31', 30, 30)$$,
    'looks at thirty windows for each date'
);
select results_eq(
    'select period_start, period_end, place >> 52 from months where is_own order by 1',
    $$values (timestamptz '2026-02-01 05:00+00', timestamptz '2026-03-01 05:00+00', 30::bigint), ('2026-03-01 05:00+00', '2026-04-01 04:00+00', 30)$$,
    'begins and ends with the clock of the organization, its own window last'
);
select results_eq(
    $$select is_month_before, is_quarter_before, is_year_before, (period_end at time zone 'America/New_York')::date
    from months where snapshot_date = '2026-02-28' and (is_month_before or is_quarter_before or is_year_before) order by 4$$,
    $$values (false, false, true, date '2025-03-01'), (false, true, false, '2025-12-01'), (true, false, false, '2026-02-01')$$,
    'knows the windows it is compared with'
);
select results_eq(
    $$select count(*), count(k.place), bool_and(k.place is null = k.is_year_before)
    from yardstick_engine.snapshot_looks('00000000-0000-7000-8000-0000000000a1', 'weekly', '2026-03-29', '2026-03-29', '2026-04-01') as k$$,
    $$values (31::bigint, 30::bigint, true)$$,
    'looks beyond the thirty for the year before, which has no place in the trend'
);
select is_empty(
    $$select from yardstick_engine.snapshot_looks('00000000-0000-7000-8000-0000000000a1', 'monthly', '2026-03-31', '2026-03-31', '2026-04-01 03:59+00')$$,
    'sees nothing of a window that has not ended'
);
select results_eq(
    $$select k.snapshot_date from yardstick_engine.snapshot_looks('00000000-0000-7000-8000-0000000000a2', 'daily', '2011-12-29', '2011-12-31', '2012-01-02') as k
    where k.is_own order by 1$$,
    $$values (date '2011-12-29'), ('2011-12-31')$$,
    'passes over a day that its zone skips'
);

select * from finish();
rollback;
