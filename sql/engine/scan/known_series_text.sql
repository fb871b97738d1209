-- Series are met by the numbers of their place and measure where a whole scan found the states: two short keys, and only what has no series
-- yet is told its ids. For few dirty cells all series of the measures would be numbered for nothing; these are met by their ids.
-- A new series that another session makes at the same moment is met by DO UPDATE, which returns its id where DO NOTHING returns no row.
create or replace function yardstick_engine.known_series_text(by_place boolean, column_names text[])
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $known_series_text$
    select format(
        case when known_series_text.by_place then
            $text$series_at as materialized (
    select s.series_id, s.measure_id, s.organization_id, p.place_no
    from yardstick.metric_series as s
    inner join place as p
        on p.organization_id = s.organization_id and p.aggregation_level = s.aggregation_level and p.aggregation_id = s.aggregation_id
    where s.measure_id in (select m.measure_id from measure as m)
),
known as materialized (
    select
        s.series_id, s.organization_id, st.local_date, case when s.series_id is null then st.measure_id end as measure_id,
        case when s.series_id is null then st.place_no end as place_no, %1$s
    from states as st
    left join series_at as s on s.measure_id = st.measure_id and s.place_no = st.place_no
),
missing as materialized (
    select k.measure_id, k.place_no, p.organization_id, p.aggregation_level, p.aggregation_id
    from (select distinct k.measure_id, k.place_no from known as k where k.series_id is null) as k
    inner join place as p on p.place_no = k.place_no
),
added as (
    insert into yardstick.metric_series as s (organization_id, measure_id, aggregation_level, aggregation_id)
    select k.organization_id, k.measure_id, k.aggregation_level, k.aggregation_id
    from missing as k
    order by 1, 2, 3, 4
    on conflict (organization_id, measure_id, aggregation_level, aggregation_id)
    do update set aggregation_id = excluded.aggregation_id
    returning s.organization_id, s.measure_id, s.aggregation_level, s.aggregation_id, s.series_id
),
made as materialized (
    select a.series_id, a.organization_id, k.measure_id, k.place_no
    from missing as k
    inner join added as a
        on a.organization_id = k.organization_id and a.measure_id = k.measure_id
        and a.aggregation_level = k.aggregation_level and a.aggregation_id = k.aggregation_id
),
wanted as not materialized (
    select k.local_date, k.series_id, k.organization_id, %2$s
    from known as k
    where k.series_id is not null
    union all
    select k.local_date, m.series_id, m.organization_id, %2$s
    from known as k
    inner join made as m on m.measure_id = k.measure_id and m.place_no = k.place_no
    -- Once all have a series, what is known is not gone through for those that have none.
    where k.series_id is null and exists (select from missing)
)$text$
        else
            $text$known as materialized (
    select st.organization_id, st.measure_id, st.aggregation_level, st.aggregation_id, st.local_date, s.series_id, %1$s
    from states as st
    left join yardstick.metric_series as s
        on s.organization_id = st.organization_id and s.measure_id = st.measure_id
        and s.aggregation_level = st.aggregation_level and s.aggregation_id = st.aggregation_id
),
added as (
    insert into yardstick.metric_series as s (organization_id, measure_id, aggregation_level, aggregation_id)
    select distinct k.organization_id, k.measure_id, k.aggregation_level, k.aggregation_id
    from known as k
    where k.series_id is null
    order by 1, 2, 3, 4
    on conflict (organization_id, measure_id, aggregation_level, aggregation_id)
    do update set aggregation_id = excluded.aggregation_id
    returning s.organization_id, s.measure_id, s.aggregation_level, s.aggregation_id, s.series_id
),
wanted as not materialized (
    select k.series_id, k.local_date, k.organization_id, k.measure_id, %2$s
    from known as k
    where k.series_id is not null
    union all
    select a.series_id, k.local_date, k.organization_id, k.measure_id, %2$s
    from known as k
    inner join added as a
        on a.organization_id = k.organization_id and a.measure_id = k.measure_id
        and a.aggregation_level = k.aggregation_level and a.aggregation_id = k.aggregation_id
    where k.series_id is null
)$text$
        end,
        string_agg('st.' || n.name, ', ' order by n.position),
        string_agg('k.' || n.name, ', ' order by n.position)
    )
    from unnest(known_series_text.column_names) with ordinality as n (name, position)
$known_series_text$;

comment on function yardstick_engine.known_series_text(boolean, text[]) is
'Text of the CTEs that give each of the states its series, and make those that are missing: wanted. by_place: states have the number of their place instead of ids. column_names: what they hold.';
