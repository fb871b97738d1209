create or replace function yardstick_engine.state_text(
    metric_ids  uuid[],
    period_type integer,
    failed      boolean,
    has_cells   boolean default false,
    is_filled   boolean default false
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $state_text$
    select format(
        -- What the planner thinks of these decides which side of each join is hashed. It knows nothing of their columns, and of two
        -- conditions on such it expects one row in 40,000: so kinds of series are truths, scopes are met by number, and departments by
        -- their id alone. Expecting one row of half a million, it would copy all of these into a hash table at every join.
        $text$series as materialized (
    select
        s.series_id, s.aggregation_id, o.organization_no, s.organization_id, o.week_start, b.measure_no,
        -- Met by one number: by organization alone, every cell would meet all measures.
        (o.organization_no << 24) | b.measure_no as measured_no,
        case s.aggregation_level when 'team' then 3 when 'user' then 4 end as level_no,
        s.aggregation_level = 'own' as is_own, s.aggregation_level in ('own', 'none') as is_direct
    from (values %1$s) as b (measure_no, measure_id)
    inner join yardstick.metric_series as s on s.measure_id = b.measure_id
    inner join organization as o on o.organization_id = s.organization_id
),
-- A department counts its sub-departments, an organization all of them and the rows without a department.
counted as (
    select s.series_id, s.measure_no, s.organization_no, s.organization_id, s.week_start, 2 as level_no, s.organization_id as aggregation_id
    from series as s
    where s.is_direct
    union all
    select s.series_id, s.measure_no, s.organization_no, s.organization_id, s.week_start, 1, a.ancestor_id
    from series as s
    inner join yardstick_engine.department_ancestors(array(select o.organization_id from organization as o)) as a on a.department_id = s.aggregation_id
    where s.is_own
    union all
    select s.series_id, s.measure_no, s.organization_no, s.organization_id, s.week_start, s.level_no, s.aggregation_id
    from series as s
    where not s.is_direct
),
-- Levels by their number, and both windows of one order: sorted once, and no text is compared.
member as materialized (
    select
        c.series_id, c.measure_no, c.organization_no, c.organization_id, c.week_start, c.level_no, c.aggregation_id,
        dense_rank() over (order by c.organization_no, c.level_no, c.aggregation_id) as scope_no,
        count(*) over (partition by c.organization_no, c.level_no, c.aggregation_id, c.measure_no) = 1 as is_alone
    from counted as c
    where c.level_no = any(array(
        select case l.level when 'dept' then 1 when 'org' then 2 when 'team' then 3 when 'user' then 4 end
        from metric as m
        cross join lateral unnest(m.aggregation_levels) as l (level)
        group by l.level
    ))
),
scope as materialized (
    select distinct on (m.scope_no)
        m.scope_no, m.organization_no, m.organization_id, (array['dept', 'org', 'team', 'user'])[m.level_no] as aggregation_level, m.aggregation_id
    from member as m
),
%4$s
%2$s
%3$s$text$,
        (
            select string_agg(distinct format('(%s, %L::uuid)', m.measure_no, m.measure_id), ', ')
            from yardstick_engine.batch_measures(state_text.metric_ids) as b
            cross join lateral (values (b.base_no, b.measure_id), (b.squares_no, b.squares_id)) as m (measure_no, measure_id)
            where m.measure_id is not null
        ),
        coalesce(special.special_text, ''),
        yardstick_engine.values_text(state_text.metric_ids, state_text.failed),
        case when not state_text.has_cells and state_text.period_type <= 2
            then yardstick_engine.whole_states_text(state_text.period_type, special.state_name, state_text.is_filled, e.has_extremes)
        else case when state_text.has_cells then format(
            $text$metric_measure as materialized (
    select m.metric_no, u.measure_no
    from (values %s) as u (metric_id, measure_no)
    inner join metric as m on m.metric_id = u.metric_id
),
counted_scope as materialized (
    select distinct m.scope_no, (m.organization_no << 24) | u.metric_no as eligible_no
    from metric_measure as u
    inner join member as m on m.measure_no = u.measure_no%s
),
measured as materialized (
    select distinct s.series_id, s.organization_id, s.measure_no, p.period_no, p.period_start, p.next_start
    from metric_measure as u
    inner join cell as c on c.metric_no = u.metric_no
    inner join period as p on p.period_no = c.period_no
    inner join series as s on s.measured_no = (p.organization_no << 24) | u.measure_no
    order by s.series_id, p.period_start
),
held as materialized (
    select k.series_id, k.period_no, p.row_count, p.value_sum, p.value_min, p.value_max
    from measured as k
    cross join lateral (
        select b.row_count, b.value_sum, b.value_min, b.value_max
        from yardstick.metric_partials as b
        where b.period_type = %s and b.series_id = k.series_id and b.period_start = k.period_start and b.organization_id = k.organization_id
            and b.period_start >= $6 and b.period_start <= $7
        offset 0
    ) as p
),
$text$,
            (
                select string_agg(distinct format('(%L::uuid, %s)', b.metric_id, m.measure_no), ', ')
                from yardstick_engine.batch_measures(state_text.metric_ids) as b
                cross join lateral (values (b.base_no), (b.squares_no)) as m (measure_no)
                where m.measure_no is not null
            ),
            -- A value is carried where the metric had rows once, and may count none of its series there now.
            (
                select format(
                    E'\n    union\n    select s.scope_no, e.eligible_no'
                    '\n    from eligible as e\n    inner join scope as s on s.organization_no = e.organization_no\n    where e.metric_id in (%s)',
                    string_agg(format('%L::uuid', d.id), ', ')
                )
                from yardstick.metric_definitions as d
                where d.id = any(state_text.metric_ids) and d.compiled ->> 'fill' = 'carry_forward'
                having count(*) > 0
            ),
            state_text.period_type
        )
        else format(
            $text$held as materialized (
    select k.series_id, pd.period_no, k.row_count, k.value_sum, k.value_min, k.value_max
    from (
        select s.series_id, s.organization_no, p.period_start, p.row_count, p.value_sum, p.value_min, p.value_max
        from series as s
        %s
        offset 0
    ) as k
    -- A state may be left that began by another calendar. Met by one number: of two, one row would be expected.
    inner join period_bounds as pd
        on ((pd.organization_no << 24) | (pd.period_start - $6 + 1)) = ((k.organization_no << 24) | (k.period_start - $6 + 1))
),
$text$,
            format(
                case when state_text.period_type = 3 then
                    $text$cross join lateral (
            select b.period_start, b.row_count, b.value_sum, b.value_min, b.value_max
            from yardstick.metric_partials as b
            where b.period_type = %s and b.series_id = s.series_id and b.organization_id = s.organization_id
                and b.period_start >= $6 and b.period_start <= $7
            offset 0
        ) as p$text$
                else
                    $text$inner join yardstick.metric_partials as p on p.series_id = s.series_id
        where p.period_type = %s and p.period_start >= $6 and p.period_start <= $7$text$
                end,
                state_text.period_type
            )
        ) end
        || format(
            $text$part as not materialized (
    select m.scope_no, m.measure_no, h.period_no, h.row_count, h.value_sum, h.value_min, h.value_max, m.is_alone
    from held as h
    inner join member as m on m.series_id = h.series_id
),
-- A scope that one series makes up, as most departments and all teams and users are, has nothing to add up. What is read once is not kept.
%s as (
    select p.scope_no, p.measure_no, p.period_no, p.row_count, p.value_sum, p.value_min, p.value_max
    from part as p
    where p.is_alone
    union all
    select
        p.scope_no, p.measure_no, p.period_no,
        yardstick_engine.sum_whole(p.row_count), yardstick_engine.sum_of_few(p.value_sum), min(p.value_min), max(p.value_max)
    from part as p
    where not p.is_alone
    group by p.scope_no, p.measure_no, p.period_no
),$text$,
            special.state_name
        ) end
    )
    from (
        select t.special_text, case when t.special_text is null then 'state' else 'basic_state' end as state_name
        from (
            select yardstick_engine.special_states_text(
                state_text.metric_ids, state_text.period_type, state_text.failed, state_text.has_cells
            ) as special_text
            -- Asked once: without it, wherever its answer is used.
            offset 0
        ) as t
    ) as special
    cross join (
        select coalesce(bool_or(b.agg in ('min', 'max')), false) as has_extremes
        from yardstick_engine.batch_measures(state_text.metric_ids) as b
    ) as e
$state_text$;

comment on function yardstick_engine.state_text(uuid[], integer, boolean, boolean, boolean) is
'Text of the CTEs from stored states to values: the series of the given metrics, the scopes they count in, their merged states, and the formulas. failed: every value is null, for a metric whose formula raised an error. has_cells: only the cells that are named are read. is_filled: no period between the first and the last touched is left out, for no organization.';
