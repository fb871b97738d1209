begin;
select plan(8);

create function pg_temp.packed(place integer, value numeric) returns bigint language sql
return (packed.place::bigint << 52) + (1::bigint << 51) + (packed.value * 10000)::bigint;

-- Of one series.
create function pg_temp.letter(points bigint[], direction text, low double precision default null, high double precision default null)
returns text language sql
return encode(yardstick_stats.trend_letters('{0}', array[letter.points], letter.direction, letter.low, letter.high), 'escape');

create temp table line as
select
    array_agg(pg_temp.packed(g, 100 + g) order by g) as points,
    array_agg(pg_temp.packed(g, 100 + g) order by md5(g::text)) as mixed_points
from generate_series(1, 12) as g;

select is(pg_temp.letter(l.points, 'higher_better'), 'i', 'improves upwards') from line as l;
select is(pg_temp.letter(l.mixed_points, 'lower_better'), 'd', 'takes the values in any order') from line as l;
select is(pg_temp.letter(l.points, 'target_range', 10, 20), 'd', 'declines away from its range') from line as l;
select is(pg_temp.letter(l.points[:7], 'higher_better'), '\000', 'is not told from seven values') from line as l;
select is(pg_temp.letter(l.points, null), '\000', 'is not told without a direction') from line as l;
select is(
    (
        select encode(yardstick_stats.trend_letters(array_agg(t.sign + 1), array_agg(t.points), 'higher_better'), 'escape')
        from (
            select s.sign, array_agg(pg_temp.packed(g, s.sign * 99999999999.9999 * g / 30)) as points
            from generate_series(1, 30) as g
            cross join generate_series(-1, 2) as s (sign)
            where s.sign <> 1
            group by s.sign
        ) as t
    ),
    'ds\000i',
    'takes the largest values and the smallest, and puts each letter at its place'
);

create temp table series as
select
    s.series, p.place, abs(hashint8(s.series * 97 + p.place)) % 40 > 0 as is_there,
    d.direction, case d.direction when 'target_range' then d.low end as low, case d.direction when 'target_range' then d.high end as high,
    -- Some without equal values, some with, some below 0, and all that rise to one side or the other.
    p.place * (s.series % 5 - 2) / (1 + s.series % 7)
    + abs(hashint8(s.series * 31 + p.place)) % 20 / case when s.series % 4 = 0 then 4 else 8.0 end
    - s.series % 3 * 40 as value
from generate_series(1, 3000) as s (series)
cross join generate_series(1, 13) as p (place)
cross join lateral (
    select
        (array['lower_better', 'higher_better', 'target_range'])[1 + s.series % 3] as direction,
        case when s.series % 2 = 0 then -80 end as low, case when s.series % 5 > 0 then -60 end as high
) as d;

create temp table told as
with

packed as (

    select s.series, s.direction, s.low, s.high, array_agg(pg_temp.packed(s.place - 1, s.value) order by md5(s.place::text)) as points
    from series as s
    where s.is_there
    group by 1, 2, 3, 4

),

letters as (

    select
        p.direction, p.low, p.high, cardinality(p.points) as point_count, count(*) as series_count,
        yardstick_stats.trend_letters(array_agg(p.series), array_agg(p.points), p.direction, p.low, p.high) as letters
    from packed as p
    group by 1, 2, 3, 4

)

select p.series, l.point_count, l.series_count, nullif(encode(substr(l.letters, p.series + 1, 1), 'escape'), '\000') as letter
from packed as p
inner join letters as l
    on
        l.direction = p.direction
        and (l.low, l.high) is not distinct from (p.low, p.high)
        and l.point_count = cardinality(p.points);

select is_empty(
    $$
    select t.*, s.trend
    from told as t
    full join (
        select
            s.series,
            yardstick_stats.trend(
                array_agg(case when s.is_there then s.value::float8 end order by s.place), s.direction, s.low, s.high
            ) as trend
        from series as s
        group by s.series, s.direction, s.low, s.high
    ) as s on s.series = t.series
    where t.letter is distinct from left(s.trend, 1)
    $$,
    'tells what trend() tells, gaps and ties included'
);
select results_eq(
    'select distinct t.series_count > 13, t.letter from told as t where t.letter is not null order by 1, 2',
    $$values (false, 'd'), (false, 'i'), (false, 's'), (true, 'd'), (true, 'i'), (true, 's')$$,
    'tells all three of few series and of many'
);

select * from finish();
rollback;
