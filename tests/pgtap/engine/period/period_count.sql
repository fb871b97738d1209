begin;
select plan(9);

select is(yardstick_engine.period_count(1, '2025-03-01', '2025-04-01', 1, 1), 31, 'counts the days of a month');
select is(yardstick_engine.period_count(1, '2025-03-01', '2025-03-01', 1, 1), 0, 'counts nothing in nothing');
select is(yardstick_engine.period_count(1, '2025-03-02', '2025-03-01', 1, 1), 0, 'counts nothing backwards');
select is(yardstick_engine.period_count(2, '2025-03-01', '2025-04-01', 1, 1), 5, 'counts a week where it ends');
select is(yardstick_engine.period_count(2, '2025-03-01', '2025-03-31', 1, 1), 5, 'counts a week that ends with the range');
select is(yardstick_engine.period_count(2, '2025-03-01', '2025-03-30', 1, 1), 4, 'does not count a week that has not ended');
select is(yardstick_engine.period_count(3, '2024-04-01', '2025-04-01', 1, 4), 12, 'counts the months of a fiscal year');
select is(yardstick_engine.period_count(4, '2024-04-01', '2025-03-31', 1, 4), 3, 'counts the quarters that have ended');
select is(yardstick_engine.period_count(5, '2020-04-01', '2025-04-01', 1, 4), 5, 'counts years');

select * from finish();
rollback;
