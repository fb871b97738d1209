create or replace function yardstick_engine.parents_text(
    metric_ids        uuid[],
    period_type       integer,
    only_organization uuid default null
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $parents_text$
    select format(
        $text$parents as (
    insert into yardstick.metric_pending (organization_id, metric_id, period_type, period_start)
    select distinct w.organization_id, u.parent_id, %1$s, yardstick_engine.period_shift(p.period_start, %1$s, u.lag_periods)
    from written as w
    inner join period as p on p.organization_id = w.organization_id and p.starts_at = w.period_start
    inner join (values %2$s) as u (metric_id, parent_id, parent_organization_id, lag_periods)
        on u.metric_id = w.metric_id and (u.parent_organization_id is null or u.parent_organization_id = w.organization_id)
    returning 1
)$text$,
        parents_text.period_type,
        string_agg(format('(%L::uuid, %L::uuid, %L::uuid, %s)', m.metric_id, m.parent_id, m.parent_organization_id, m.lag_periods), ', ')
    )
    from yardstick_engine.metric_parents(parents_text.metric_ids, parents_text.only_organization) as m
    where yardstick_engine.window_name(parents_text.period_type) = any(m.time_windows)
    having count(*) > 0
$parents_text$;

comment on function yardstick_engine.parents_text(uuid[], integer, uuid) is
'Text of the CTE that leaves a pending row for each metric made of those whose values changed; null when nothing is made of them.';
