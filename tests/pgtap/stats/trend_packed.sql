begin;
select plan(8);

create function pg_temp.packed(place integer, value numeric) returns bigint language sql
return (packed.place::bigint << 52) + (1::bigint << 51) + (packed.value * 10000)::bigint;

create temp table line as
select
    array_agg(pg_temp.packed(g, 100 + g) order by g) as points,
    array_agg(pg_temp.packed(g, 100 + g) order by md5(g::text)) as mixed_points
from generate_series(1, 12) as g;

select is(yardstick_stats.trend_packed(l.points, 'higher_better'), 'improving', 'improves upwards') from line as l;
select is(yardstick_stats.trend_packed(l.mixed_points, 'lower_better'), 'declining', 'takes the values in any order') from line as l;
select is(
    yardstick_stats.trend_packed(l.points, 'target_range', 10, 20), 'declining', 'declines away from its range'
) from line as l;
select is(
    yardstick_stats.trend_packed(l.points[:7] || null::bigint, 'higher_better'), null, 'is not told from seven values'
) from line as l;
select is(yardstick_stats.trend_packed(null, 'higher_better'), null, 'is not told from nothing');
select is(yardstick_stats.trend_packed(l.points, null), null, 'is not told without a direction') from line as l;
select is(
    (
        select array_agg(t.packed) from (
            select yardstick_stats.trend_packed(
                array_agg(pg_temp.packed(g, s.sign * 99999999999.9999 * g / 30)), 'higher_better'
            ) as packed
            from generate_series(1, 30) as g
            cross join (values (1), (-1)) as s (sign)
            group by s.sign
            order by s.sign
        ) as t
    ),
    array['declining', 'improving'],
    'takes the largest values and the smallest'
);
select is(
    (
        select count(*) from (
            select
                yardstick_stats.trend_packed(
                    array_agg(pg_temp.packed(g.place, g.value)) filter (where g.is_there), g.direction, g.low, g.high
                ) as sparse,
                yardstick_stats.trend(
                    array_agg(case when g.is_there then g.value::float8 end order by g.place), g.direction, g.low, g.high
                ) as dense
            from (
                select
                    s.series, p.place, abs(hashint8(s.series * 97 + p.place)) % 7 > 0 as is_there,
                    (array['lower_better', 'higher_better', 'target_range'])[1 + s.series % 3] as direction,
                    case when s.series % 2 = 0 then 40 end as low,
                    case when s.series % 5 > 0 then 60 end as high,
                    -- Some without equal values, some with, some below 0.
                    p.place * (s.series % 5 - 1)
                    + abs(hashint8(s.series * 31 + p.place)) % 20 / case when s.series % 4 = 0 then 1 else 8.0 end
                    - s.series % 3 * 40 as value
                from generate_series(1, 600) as s (series)
                cross join generate_series(1, 30) as p (place)
            ) as g
            group by g.series, g.direction, g.low, g.high
        ) as t
        where t.sparse is distinct from t.dense
    ),
    0::bigint,
    'tells what trend() tells, gaps and ties included'
);

select * from finish();
rollback;
