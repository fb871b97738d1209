-- By the rule of two days ago: one missed run is none.
create or replace function yardstick_engine.overdue_removals()
returns table (organization_id uuid, metric_id uuid)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $overdue_removals$
    select c.organization_id, c.metric_id
    from yardstick_engine.retention_cuts(now() - interval '2 days') as c
    inner join yardstick.organizations as o on o.id = c.organization_id
    where c.held_because is null and c.kept_from is not null and exists (
        select from yardstick.metric_calculations as v
        where v.organization_id = c.organization_id and v.metric_id = c.metric_id
            and v.period_end <= yardstick_engine.local_midnight(c.kept_from, o.timezone)
            and (
                v.time_window not in ('daily', 'weekly')
                or v.period_end <= yardstick_engine.local_midnight(c.days_kept_from, o.timezone)
            )
    )
$overdue_removals$;

comment on function yardstick_engine.overdue_removals() is
'Organizations and metrics with values that their rule has let go two days ago or earlier, that no hold keeps, and that are still there.';

grant execute on function yardstick_engine.overdue_removals() to yardstick_dba, yardstick_worker;
