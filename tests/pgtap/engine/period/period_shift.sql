begin;
select plan(6);

select is(yardstick_engine.period_shift('2024-02-28', 1, 2), date '2024-03-01', 'counts days over a leap day');
select is(yardstick_engine.period_shift('2025-01-06', 2, -2), date '2024-12-23', 'counts weeks back over a new year');
select is(yardstick_engine.period_shift('2025-01-01', 3, -13), date '2023-12-01', 'counts months');
select is(yardstick_engine.period_shift('2025-04-01', 4, 3), date '2026-01-01', 'counts quarters');
select is(yardstick_engine.period_shift('2025-07-01', 5, 1), date '2026-07-01', 'counts years of any first month');
select is_empty($$
    select k.period_type, d.day
    from generate_series(1, 5) as k (period_type)
    cross join generate_series(timestamp '1999-01-01', '2041-01-01', '97 days') as d (day)
    cross join lateral (select yardstick_engine.period_floor(d.day::date, k.period_type, 7, 4) as first) as f
    where yardstick_engine.period_shift(f.first, k.period_type, 1) <> yardstick_engine.period_next(f.first, k.period_type)
        or yardstick_engine.period_shift(yardstick_engine.period_shift(f.first, k.period_type, 5), k.period_type, -5) <> f.first
$$, 'goes to the next period, and back to where it came from');

select * from finish();
rollback;
