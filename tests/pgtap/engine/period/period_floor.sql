begin;
select plan(11);

select is(yardstick_engine.period_floor('2024-02-29', 1, 1, 1), date '2024-02-29', 'gives a day itself');
select is(yardstick_engine.period_floor('2025-03-09', 2, 1, 1), date '2025-03-03', 'starts a week on Monday');
select is(yardstick_engine.period_floor('2025-03-09', 2, 7, 1), date '2025-03-09', 'starts a week on Sunday where it does');
select is(yardstick_engine.period_floor('1990-01-01', 2, 7, 1), date '1989-12-31', 'counts weeks before 2000 as well');
select is(yardstick_engine.period_floor('2025-03-31', 3, 1, 4), date '2025-03-01', 'starts a month on its first whatever the fiscal year');
select is(yardstick_engine.period_floor('2025-03-31', 4, 1, 1), date '2025-01-01', 'starts quarters in January');
select is(yardstick_engine.period_floor('2025-03-31', 4, 1, 2), date '2025-02-01', 'starts quarters with the fiscal year');
select is(yardstick_engine.period_floor('2025-03-31', 5, 1, 4), date '2024-04-01', 'starts the year in April where it does');
select is(yardstick_engine.period_floor('2025-04-01', 5, 1, 4), date '2025-04-01', 'gives the first day of a fiscal year itself');
select is(yardstick_engine.period_floor('2025-04-01', 6, 1, 4), null, 'knows no sixth type');
select is(
    (
        select count(*)
        from generate_series(date '1996-01-01', date '2005-12-31', interval '1 day') as d (day)
        cross join generate_series(1, 7) as w (week_start)
        where extract(isodow from yardstick_engine.period_floor(d.day::date, 2, w.week_start, 1)) <> w.week_start
            or d.day::date - yardstick_engine.period_floor(d.day::date, 2, w.week_start, 1) not between 0 and 6
    ),
    0::bigint, 'finds the last such weekday for every day'
);

select * from finish();
rollback;
