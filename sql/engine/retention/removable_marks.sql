create or replace function yardstick_engine.removable_marks()
returns table (organization_id uuid, metric_id uuid, kept_from date, days_kept_from date, ended_at timestamptz, days_ended_at timestamptz)
language sql
stable
set search_path = pg_catalog, pg_temp
as $removable_marks$
    select
        m.organization_id, m.metric_id, m.kept_from, m.days_kept_from,
        yardstick_engine.local_midnight(m.kept_from, o.timezone), yardstick_engine.local_midnight(m.days_kept_from, o.timezone)
    from yardstick.retention_marks as m
    inner join yardstick.organizations as o on o.id = m.organization_id
    -- A rule that was lengthened, or lifted, after the mark was set keeps what is still there.
    inner join yardstick_engine.retention_cuts(now()) as c
        on c.organization_id = m.organization_id and c.metric_id = m.metric_id
        and c.held_because is null and c.kept_from >= m.kept_from
$removable_marks$;

comment on function yardstick_engine.removable_marks() is
'The marks before which values may be removed now: no hold is on them, and the rule of today lets as much go.';
