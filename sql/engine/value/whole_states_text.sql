-- Each series is found by its key, for each scope that it counts in: a state costs less to read than to keep, to hash and to meet its
-- scopes in a join; and the few of a scope are added up in a table that fits the processor's cache.
create or replace function yardstick_engine.whole_states_text(
    period_type  integer,
    state_name   text,
    is_filled    boolean,
    has_extremes boolean
)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $whole_states_text$
    select format(
        -- Of the series alone: of two conditions the planner expects one state of each, and hashes all there are at the joins that follow.
        $text$%2$s as (
    select m.scope_no, m.measure_no, %3$s as period_no, p.row_count, p.value_sum, p.value_min, p.value_max
    from member as m
    cross join lateral (
        select b.period_start, b.row_count, b.value_sum, %4$s
        from yardstick.metric_partials as b
        where b.period_type = %1$s and b.series_id = m.series_id and b.period_start >= $6 and b.period_start <= $7
        -- As the key has them: a bitmap is made for each series, and costs more than it saves.
        order by b.period_start
        offset 0
    ) as p%6$s
    where m.is_alone%7$s
    union all
    select m.scope_no, m.measure_no, %3$s, p.row_count, p.value_sum, p.value_min, p.value_max
    from (
        select m.scope_no, m.measure_no, m.organization_no, m.week_start, array_agg(m.series_id) as series_ids
        from member as m
        where not m.is_alone
        group by m.scope_no, m.measure_no, m.organization_no, m.week_start
    ) as m
    cross join lateral (
        select
            b.period_start, yardstick_engine.sum_whole(b.row_count) as row_count, yardstick_engine.sum_of_few(b.value_sum) as value_sum, %5$s
        from yardstick.metric_partials as b
        where b.period_type = %1$s and b.series_id = any(m.series_ids) and b.period_start >= $6 and b.period_start <= $7
        group by b.period_start
        offset 0
    ) as p%6$s%8$s
),$text$,
        whole_states_text.period_type, -- 1
        whole_states_text.state_name,
        case when whole_states_text.is_filled then format(n.number_text, 'm', 'p') else 'pd.period_no' end,
        case when whole_states_text.has_extremes then 'b.value_min, b.value_max'
            else 'null::numeric as value_min, null::numeric as value_max' end,
        case when whole_states_text.has_extremes then 'min(b.value_min) as value_min, max(b.value_max) as value_max' -- 5
            else 'null::numeric as value_min, null::numeric as value_max' end,
        -- Met by one number: of two, one row would be expected.
        case when whole_states_text.is_filled then ''
            else format(E'\n    inner join period_bounds as pd on %s = %s', format(n.number_text, 'pd', 'pd'), format(n.number_text, 'm', 'p')) end,
        ' and ' || n.kept_text,
        E'\n    where ' || n.kept_text
    )
    -- As touched_text numbers them, but to the day where those that are not touched are left out.
    from (
        select
            '((%1$s.organization_no << 24) | (' || case when whole_states_text.is_filled and whole_states_text.period_type = 2
            then '(%2$s.period_start - $6) / 7 + 1' else '%2$s.period_start - $6 + 1' end || '))' as number_text,
            -- A state may be left that began on another day of the week.
            case when whole_states_text.is_filled and whole_states_text.period_type = 2
                then 'yardstick_engine.period_floor(p.period_start, 2, m.week_start, 1) = p.period_start' end as kept_text
    ) as n
$whole_states_text$;

comment on function yardstick_engine.whole_states_text(integer, text, boolean, boolean) is
'Text of the CTE state_name that reads the stored states of whole days or weeks for the series of member, and adds up those of a scope. is_filled: no period between the first and the last touched is left out, for no organization. has_extremes: smallest and largest values are asked for.';
