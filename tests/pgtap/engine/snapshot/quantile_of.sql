begin;
select plan(4);

select is(yardstick_engine.quantile_of(null, 0, 1, 2), null, 'has none of nothing');
select is(yardstick_engine.quantile_of('{7}', 1, 19, 20), 7::numeric, 'is the only value there is');
select is(yardstick_engine.quantile_of('{99999999999.9998,99999999999.9999}', 2, 1, 4), 99999999999.999825, 'is exact where floating point is not');
select is_empty($$
    select s.size, q.share_no, q.share_count
    from generate_series(1, 60) as s (size)
    cross join (values (1, 4), (1, 2), (3, 4), (19, 20)) as q (share_no, share_count)
    cross join lateral (
        select array_agg((i * 37 % 61)::numeric order by (i * 37 % 61)) as sorted from generate_series(1, s.size) as i
    ) as v
    where yardstick_engine.quantile_of(v.sorted, s.size, q.share_no, q.share_count)
        <> yardstick_engine.percentile_of(v.sorted, 100.0 * q.share_no / q.share_count)
$$, 'agrees with the percentile of a metric');

select * from finish();
rollback;
