begin;
select plan(7);

create temp table line as
select array_agg(g order by g) as places, array_agg(100 + g::float8 order by g) as points, array_agg(g order by md5(g::text)) as mixed_places,
    array_agg(100 + g::float8 order by md5(g::text)) as mixed_points
from generate_series(1, 12) as g;

select is(yardstick_stats.trend_at(l.places, l.points, 'higher_better'), 'improving', 'improves upwards') from line as l;
select is(yardstick_stats.trend_at(l.mixed_places, l.mixed_points, 'lower_better'), 'declining', 'takes the values in any order') from line as l;
select is(
    yardstick_stats.trend_at(l.places, l.points, 'target_range', 10, 20), 'declining', 'declines away from its range'
) from line as l;
select is(
    yardstick_stats.trend_at(array[1, 2, 3, 4, 5, 6, 7, 8], array[1, 2, 3, 4, 5, 6, 7, null], 'higher_better'), null,
    'is not told from seven values'
);
select is(yardstick_stats.trend_at(null, null, 'higher_better'), null, 'is not told from nothing');
select is(yardstick_stats.trend_at(l.places, l.points, null), null, 'is not told without a direction') from line as l;
select is(
    (
        select count(*) from (
            select
                yardstick_stats.trend_at(array_agg(g.place) filter (where g.is_there), array_agg(g.value) filter (where g.is_there), 'lower_better') as sparse,
                yardstick_stats.trend(array_agg(case when g.is_there then g.value end order by g.place), 'lower_better') as dense
            from (
                select
                    s.series, p.place, abs(hashint8(s.series * 97 + p.place)) % 7 > 0 as is_there,
                    (p.place * (s.series % 5) + abs(hashint8(s.series * 31 + p.place)) % 20)::float8 as value
                from generate_series(1, 300) as s (series)
                cross join generate_series(1, 30) as p (place)
            ) as g
            group by g.series
        ) as t
        where t.sparse is distinct from t.dense
    ),
    0::bigint,
    'tells what trend() tells, gaps and ties included'
);

select * from finish();
rollback;
