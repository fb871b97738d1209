begin;
select plan(7);

select is(yardstick_engine.percentile_of('{}', 50), null, 'has none of nothing');
select is(yardstick_engine.percentile_of('{7}', 90), 7::numeric, 'is the only value there is');
select is(yardstick_engine.percentile_of('{1,2,3,10}', 50), 2.5, 'lies between the two in the middle');
select is(yardstick_engine.percentile_of('{1,2,3,10}', 25), 1.75, 'is interpolated');
select is(yardstick_engine.percentile_of('{0.1,0.2}', 10), 0.11, 'is exact where floating point is not');
select is(
    yardstick_engine.percentile_of('{95.061,95.0925,95.1065,95.1195,95.1442,95.1567,95.1591,95.1682,95.1772,95.1937,95.1959,95.199}', 90),
    95.19568, 'is of type 7 (NIST/SEMATECH e-Handbook, 7.2.6.2)'
);
select is_empty($$
    select s.size, p.percent
    from generate_series(1, 12) as s (size)
    cross join generate_series(1, 99, 7) as p (percent)
    cross join lateral (
        select array_agg((i * 37 % 11)::numeric order by (i * 37 % 11)) as sorted, percentile_cont(p.percent / 100.0) within group (order by i * 37 % 11) as server
        from generate_series(1, s.size) as i
    ) as v
    where abs(yardstick_engine.percentile_of(v.sorted, p.percent) - v.server::numeric) > 1e-9
$$, 'agrees with the server''s own');

select * from finish();
rollback;
