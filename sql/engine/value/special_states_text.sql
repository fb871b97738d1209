-- What merged sums do not show is worked out for each scope and period from the days inside it:
--   stddev          from the sums of the values and of their squares
--   percentile, count_distinct, first, last    from the lists, keys and ends of days; those that may be estimated by estimated_states_text
--   over_time       the scope's own value of each day first, then the last, first, mean, smallest or largest of them
--   fill zero       nothing counted or added up is zero, from the scope's first rows on
-- Each becomes a row of state whose value stands in value_sum.
create or replace function yardstick_engine.special_states_text(
    metric_ids  uuid[],
    period_type integer,
    failed      boolean,
    has_cells   boolean default false
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $special_states_text$
    with

    specials as (

        select distinct
            b.measure_no, b.base_no, b.measure_id, b.squares_no, b.special_agg, b.percent, b.over_time, b.fill
        from yardstick_engine.batch_measures(special_states_text.metric_ids) as b
        where b.special_agg is not null

    ),

    parts as (

        select
            s.*,
            case
                when s.over_time is not null then 'over_time'
                when s.fill is not null then 'zero'
                when s.special_agg = 'stddev' then 'stddev'
                when m.state_kind in ('digest', 'registers') then m.state_kind
                when s.special_agg = 'percentile' then 'list'
                when s.special_agg = 'count_distinct' then 'keys'
                else 'ends'
            end as part
        from specials as s
        inner join yardstick.metric_measures as m on m.id = s.measure_id

    ),

    texts as (

        select distinct parts.part from parts

    )

    select
        -- Days meet their periods by equality: a range join of days to periods does not hash.
        format(
            $text$day as materialized (
    select p.period_no, p.organization_id, g.local_day::date as local_day
    from period as p
    cross join lateral generate_series(p.period_start::timestamp, p.next_start::timestamp - interval '1 day', interval '1 day') as g (local_day)
),
special (measure_no, base_no, squares_no, agg, percent, over_time, part) as (values %1$s),
detail as materialized (
    select m.scope_no, m.measure_no as base_no, %2$s.period_no, d.row_count, d.first_at, d.first_value, d.last_at, d.last_value, d.value_list, d.key_list%5$s
    from %3$s
    inner join member as m on m.series_id = d.series_id
    where %4$sm.measure_no in (select u.base_no from special as u where u.part in ('list', 'keys', 'ends', 'digest', 'registers'))
),
%6$s$text$,
            (
                select string_agg(
                    format(
                        '(%s, %s, %s, %L, %s, %L, %L)', p.measure_no, p.base_no, coalesce(p.squares_no::text, 'null::bigint'), p.special_agg,
                        coalesce(p.percent::text, 'null::numeric'), p.over_time, p.part
                    ), ', ' order by p.measure_no
                )
                from parts as p
            ),
            case when special_states_text.has_cells then 'd' else 'dy' end,
            case when special_states_text.has_cells then
                $text$(
        select k.period_no, b.*
        from measured as k
        cross join lateral (
            select e.series_id, e.row_count, e.first_at, e.first_value, e.last_at, e.last_value, e.value_list, e.key_list, e.centroids, e.registers
            from yardstick.metric_details as e
            where e.organization_id = k.organization_id and e.series_id = k.series_id
                and e.period_start >= k.period_start and e.period_start < k.next_start
            offset 0
        ) as b
        where k.measure_no in (select u.base_no from special as u where u.part in ('list', 'keys', 'ends', 'digest', 'registers'))
    ) as d$text$
            else
                $text$yardstick.metric_details as d
    inner join day as dy on dy.organization_id = d.organization_id and dy.local_day = d.period_start$text$
            end,
            case when special_states_text.has_cells then ''
                else format(
                    E'd.organization_id = any($1) and d.period_start >= $6 and d.period_start < yardstick_engine.period_next($7, %s)\n        and ',
                    special_states_text.period_type
                )
            end,
            case when exists (select from texts where texts.part in ('digest', 'registers')) then ', d.centroids, d.registers' else '' end, -- 5
            (select string_agg(yardstick_engine.estimate_text(texts.part), '' order by texts.part) from texts)
        )
        || format(
            $text$state as materialized (
    select b.scope_no, b.measure_no, b.period_no, b.row_count, b.value_sum, b.value_min, b.value_max
    from basic_state as b%s
),$text$,
            (
                select string_agg(E'\n    union all\n    ' || branch.branch_text, '' order by branch.part)
                from (
                    select
                        texts.part,
                        case texts.part
                            when 'stddev' then
                                $text$select s.scope_no, u.measure_no, s.period_no, s.row_count,
        -- Nothing is divided before the difference: of large numbers that lie close together a quotient keeps too few places.
        case when s.row_count > 1 then sqrt(
            (s.row_count * q.value_sum - s.value_sum * s.value_sum) / (s.row_count::numeric * (s.row_count - 1))
        ) end, null, null
    from special as u
    inner join basic_state as s on s.measure_no = u.base_no
    inner join basic_state as q on q.measure_no = u.squares_no and q.scope_no = s.scope_no and q.period_no = s.period_no
    where u.part = 'stddev'$text$
                            when 'list' then yardstick_engine.list_states_text('list')
                            when 'keys' then yardstick_engine.list_states_text('keys')
                            when 'digest' then yardstick_engine.estimated_states_text('digest', special_states_text.failed)
                            when 'registers' then yardstick_engine.estimated_states_text('registers', special_states_text.failed)
                            when 'ends' then
                                $text$select e.scope_no, u.measure_no, e.period_no, e.row_count, case u.agg when 'first' then e.first_pair[2] else e.last_pair[2] end, null, null
    from (
        select
            d.scope_no, d.base_no, d.period_no, sum(d.row_count)::bigint as row_count,
            min(array[extract(epoch from d.first_at), d.first_value]) as first_pair,
            max(array[extract(epoch from d.last_at), d.last_value]) as last_pair
        from detail as d
        where d.last_at is not null
        group by d.scope_no, d.base_no, d.period_no
    ) as e
    inner join special as u on u.base_no = e.base_no and u.part = 'ends'$text$
                            when 'over_time' then format(
                                $text$select t.scope_no, t.measure_no, t.period_no, sum(t.row_count)::bigint,
        case t.over_time
            when 'last' then (array_agg(t.value order by t.local_day desc) filter (where t.value is not null))[1]
            when 'first' then (array_agg(t.value order by t.local_day) filter (where t.value is not null))[1]
            when 'avg' then avg(t.value)
            when 'min' then min(t.value)
            when 'max' then max(t.value)
        end, null, null
    from (
        select
            m.scope_no, u.measure_no, dy.period_no, dy.local_day, u.over_time, sum(p.row_count) as row_count,
            case u.agg
                when 'count' then sum(p.row_count) when 'sum' then sum(p.value_sum)
                when 'avg' then sum(p.value_sum) / nullif(sum(p.row_count), 0) when 'min' then min(p.value_min) when 'max' then max(p.value_max)
            end as value
        from yardstick.metric_partials as p
        inner join day as dy on dy.organization_id = p.organization_id and dy.local_day = p.period_start
        inner join member as m on m.series_id = p.series_id
        inner join special as u on u.base_no = m.measure_no and u.part = 'over_time'
        where p.period_type = 1 and p.organization_id = any($1) and p.period_start >= $6
            and p.period_start < yardstick_engine.period_next($7, %s)
        group by m.scope_no, u.measure_no, dy.period_no, dy.local_day, u.over_time, u.agg
    ) as t
    group by t.scope_no, t.measure_no, t.period_no, t.over_time$text$, special_states_text.period_type)
                            else
                                $text$select g.scope_no, g.measure_no, g.period_no, coalesce(b.row_count, 0),
        coalesce(case g.agg when 'count' then b.row_count::numeric else b.value_sum end, 0), null, null
    from (
        select f.scope_no, f.measure_no, f.base_no, f.agg, p.period_no
        from (
            select m.scope_no, u.measure_no, u.base_no, u.agg, s.organization_no, min(d.first_day) as first_day
            from special as u
            inner join member as m on m.measure_no = u.base_no
            inner join scope as s on s.scope_no = m.scope_no
            cross join lateral (
                select min(p.period_start) as first_day
                from yardstick.metric_partials as p
                where p.period_type = 1 and p.series_id = m.series_id
            ) as d
            where u.part = 'zero'
            group by m.scope_no, u.measure_no, u.base_no, u.agg, s.organization_no
        ) as f
        inner join period as p on p.organization_no = f.organization_no and p.next_start > f.first_day and p.period_start <= p.today
        union
        select b.scope_no, u.measure_no, u.base_no, u.agg, b.period_no
        from basic_state as b
        inner join special as u on u.base_no = b.measure_no and u.part = 'zero'
    ) as g
    left join basic_state as b on b.scope_no = g.scope_no and b.measure_no = g.base_no and b.period_no = g.period_no$text$
                        end as branch_text
                    from texts
                ) as branch
            )
        )
    where exists (select from specials)
$special_states_text$;

comment on function yardstick_engine.special_states_text(uuid[], integer, boolean, boolean) is
'Text of the CTEs that add to the merged states (basic_state) what the given metrics need beyond them, and name the whole state; null when they need nothing. failed: nothing is read that can fail. has_cells: states are found by the keys of measured.';
