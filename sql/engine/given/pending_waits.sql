-- Without a part that could not be calculated yet, a metric would be stated, or said to have no value, and then be restated though nothing
-- changed.
create or replace function yardstick_engine.pending_waits(only_metric uuid default null)
returns table (place tid)
language sql
stable
set search_path = pg_catalog, pg_temp
set jit = off
as $pending_waits$
    with

    suspect as materialized (
        select
            d.id, d.metric_name, d.organization_id, d.aggregation_levels, d.source_id,
            yardstick_engine.failing_dates(d.source_id, 'month') as failing
        from yardstick.metric_definitions as d
        where d.deleted_at is null and d.is_active and (
            d.last_error_code is not null
            or d.id in (select f.metric_id from yardstick.metric_failures as f)
            or d.source_id in (select s.source_id from yardstick.calculation_slices as s where s.attempt_count > 0)
            or (d.source_id is null and d.id in (select p.metric_id from yardstick.metric_pending as p))
        )
    ),

    part as materialized (
        select d.id as metric_id, (child.body ->> 'lag')::integer as lag_periods, s.id as part_id, s.metric_name, s.organization_id, s.aggregation_levels, s.failing
        from yardstick.metric_definitions as d
        cross join lateral jsonb_each(d.compiled -> 'children') as child (alias, body)
        inner join suspect as s on s.metric_name = child.body ->> 'metric_name'
        where d.deleted_at is null and d.is_active and coalesce(d.id = pending_waits.only_metric, true)
    )

    select p.ctid
    from yardstick.metric_pending as p
    inner join part as u on u.metric_id = p.metric_id and coalesce(u.organization_id = p.organization_id, true)
    inner join yardstick.organizations as o on o.id = p.organization_id
    cross join lateral (
        select
            s.period_start, yardstick_engine.period_next(s.period_start, p.period_type) as next_start,
            yardstick_engine.window_name(p.period_type) as time_window
        from (select yardstick_engine.period_shift(p.period_start, p.period_type, -u.lag_periods) as period_start) as s
    ) as e
    cross join lateral (
        select
            yardstick_engine.local_midnight(e.period_start, o.timezone) as starts_at,
            yardstick_engine.local_midnight(e.next_start, o.timezone) as ends_at
    ) as b
    where (
        u.failing && daterange(e.period_start, e.next_start)
        or exists (
            select from yardstick.metric_failures as f
            where f.metric_id = u.part_id and coalesce(f.organization_id = p.organization_id, true)
        )
        or exists (
            select from yardstick.metric_pending as q
            where q.metric_id = u.part_id and q.organization_id = p.organization_id
                and q.period_type = p.period_type and q.period_start = e.period_start
        )
        or exists (
            select from yardstick.metric_calculations as c
            where c.organization_id = p.organization_id and c.metric_id = u.part_id
                and c.aggregation_level = 'org' and c.aggregation_id = p.organization_id and c.time_window = e.time_window
                and c.period_end = b.ends_at and c.period_start = b.starts_at and c.calculation_status = 'error'
                -- A number that cannot be taken stays so until its rows change.
                and c.error_code not like '22%'
        )
    )
    and not exists (
        select from yardstick.metric_calculations as c
        where c.organization_id = p.organization_id and c.metric_id = u.part_id
            and case when 'org' = any(u.aggregation_levels) then c.aggregation_level = 'org' and c.aggregation_id = p.organization_id else true end
            and c.time_window = e.time_window and c.period_end = b.ends_at and c.period_start = b.starts_at and c.calculation_status <> 'error'
    )
    -- An organization's own metric takes the place of the platform's.
    and (u.organization_id is not null or not exists (
        select from yardstick.metric_definitions as own
        where own.organization_id = p.organization_id and own.metric_name = u.metric_name and own.deleted_at is null
    ))
$pending_waits$;

comment on function yardstick_engine.pending_waits(uuid) is
'Rows of metric_pending of metrics made of others, or of one of them, that wait for a part: it has no value there, and it fails, or weeks of its source do.';
