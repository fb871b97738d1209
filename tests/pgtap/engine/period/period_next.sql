begin;
select plan(7);

select is(yardstick_engine.period_next('2024-02-28', 1), date '2024-02-29', 'goes on by a day');
select is(yardstick_engine.period_next('2024-12-30', 2), date '2025-01-06', 'goes on by a week');
select is(yardstick_engine.period_next('2024-12-01', 3), date '2025-01-01', 'goes on by a month');
select is(yardstick_engine.period_next('2024-11-01', 4), date '2025-02-01', 'goes on by a quarter');
select is(yardstick_engine.period_next('2024-02-01', 5), date '2025-02-01', 'goes on by a year');
select is(yardstick_engine.period_next('2024-02-01', 0), null, 'knows no type 0');
select is(
    (
        select count(*)
        from generate_series(1, 5) as t (period_type)
        cross join generate_series(date '2019-01-01', date '2025-12-31', interval '1 day') as d (day)
        cross join (values (1, 1), (7, 4), (3, 11)) as o (week_start, fiscal_month)
        cross join lateral (
            select yardstick_engine.period_floor(d.day::date, t.period_type, o.week_start, o.fiscal_month) as period_start
        ) as f
        where d.day::date >= yardstick_engine.period_next(f.period_start, t.period_type)
            or yardstick_engine.period_floor(
                yardstick_engine.period_next(f.period_start, t.period_type), t.period_type, o.week_start, o.fiscal_month
            ) <> yardstick_engine.period_next(f.period_start, t.period_type)
    ),
    0::bigint, 'leaves no day between two periods and none in both'
);

select * from finish();
rollback;
