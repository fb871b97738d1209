begin;
select plan(5);

select results_eq(
    'select m.n, m.s, m.p_two_sided < 0.05 from yardstick_stats.mann_kendall(array[1, 2, 3, 4, 5, 6]) as m',
    'values (6, 15, true)', 'finds a rise'
);
select is((yardstick_stats.mann_kendall(array[1, null, 3])).theil_sen_slope, 1.0::float8, 'keeps the place of a missing value');
select is((yardstick_stats.mann_kendall(array[]::float8[])).p_two_sided, 1.0::float8, 'finds nothing in nothing');
select is((yardstick_stats.mann_kendall(null)).n, 0, 'takes null for no values');
select throws_like(
    $$ select yardstick_stats.mann_kendall(array[1, 2], 'maybe') $$, '%autocorrelation is none or adjust%', 'refuses another word'
);

select * from finish();
rollback;
