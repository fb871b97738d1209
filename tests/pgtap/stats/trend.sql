begin;
select plan(6);

select is(yardstick_stats.trend(array_agg(100 + g::float8), 'higher_better'), 'improving', 'improves upwards') from generate_series(1, 12) as g;
select is(yardstick_stats.trend(array_agg(100 + g::float8), 'lower_better'), 'declining', 'declines upwards') from generate_series(1, 12) as g;
select is(
    yardstick_stats.trend(array_agg(100 + g::float8), 'target_range', 10, 20), 'declining', 'declines away from its range'
) from generate_series(1, 12) as g;
select is(yardstick_stats.trend(array_fill(5::float8, array[12]), 'higher_better'), 'stable', 'is stable where nothing moves');
select is(yardstick_stats.trend(array[1, 2, 3, 4, 5, 6, 7], 'higher_better'), null, 'is not told from seven values');
select is(yardstick_stats.trend(null, 'higher_better'), null, 'is not told from nothing');

select * from finish();
rollback;
