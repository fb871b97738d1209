create or replace function yardstick_engine.followed_text(
    period_type integer,
    metric_ids  uuid[],
    has_cells   boolean
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $followed_text$
    -- Whoever values days of a source, or its years, is alone with all of them: the next period may be in another slice.
    select format(
        $text$followed as (
    insert into yardstick.metric_calculations as c (
        organization_id, metric_id, aggregation_level, aggregation_id, time_window, period_start, period_end,
        metric_value, previous_value, change_percentage, calculation_status, metric_version, calculation_timestamp
    )
    select
        f.organization_id, f.metric_id, f.aggregation_level, f.aggregation_id, %5$L, f.ends_at, n.period_end,
        n.metric_value, f.metric_value, %1$s, n.calculation_status, n.metric_version, (select clock_timestamp())
    from (
        select
            r.row_no, r.metric_no, r.scope_no, r.period_no, r.organization_id, r.metric_id, r.aggregation_level, r.aggregation_id, r.ends_at, r.metric_value
        from row_wanted as r
        left join existing as x on x.metric_no = r.metric_no and x.scope_no = r.scope_no and x.period_no = r.period_no
        where (x.metric_no is null or x.metric_value is distinct from r.metric_value)
            -- The number after a period's is that of the next.
            and not exists (select from %2$s)%3$s
        offset 0
    ) as f
    %4$s
    -- What stays an error until its days have been read has no neighbours yet.
    where not coalesce(n.metadata ? 'unread_dates', false) and n.previous_value is distinct from f.metric_value
    order by f.row_no
    on conflict (organization_id, metric_id, aggregation_level, aggregation_id, time_window, period_end, period_start) do update
    set previous_value = excluded.previous_value, change_percentage = excluded.change_percentage, calculation_timestamp = excluded.calculation_timestamp
    returning 1
)$text$,
        yardstick_engine.change_text('n.metric_value', 'f.metric_value'),
        case when followed_text.has_cells then 'cell as k where k.metric_no = r.metric_no and k.period_no = r.period_no + 1'
            else 'period as k where k.period_no = r.period_no + 1' end,
        case when array_length(m.filling, 1) > 0
            then format(E'\n            and r.metric_id <> all(%L::uuid[])', m.filling) else '' end,
        case when followed_text.has_cells
            then 'inner join beside as n on n.metric_no = f.metric_no and n.scope_no = f.scope_no and n.period_no = f.period_no and n.place = 1'
            else 'inner join stored as n on n.metric_no = f.metric_no and n.scope_no = f.scope_no and n.period_start = f.ends_at' end,
        yardstick_engine.window_name(followed_text.period_type) -- 5
    )
    from (
        select array_agg(d.id) filter (where d.compiled ? 'fill') as filling, count(*) as metrics
        from yardstick.metric_definitions as d
        where d.id = any(followed_text.metric_ids)
    ) as m
    where m.metrics > coalesce(array_length(m.filling, 1), 0)
$followed_text$;

comment on function yardstick_engine.followed_text(integer, uuid[], boolean) is
'Text of the CTE that shows each value of the given metrics that changed as the previous one of the next period, where that period has a row and is not valued in the same statement; not of metrics that fill periods without rows, whose next value may be another one too. Null when all of them do.';
