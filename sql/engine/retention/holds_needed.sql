-- Asked twice: before the lock, so that a year that stays costs nobody anything, and under it, when nobody writes there any more.
create or replace function yardstick_engine.holds_needed(partition_name text)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set jit = off
as $holds_needed$
declare
    low  constant date := make_date(right(holds_needed.partition_name, 4)::integer, 1, 1);
    high constant date := make_date(right(holds_needed.partition_name, 4)::integer + 1, 1, 1);
begin
    if holds_needed.partition_name like 'metric\_calculations\_%' then
        return exists (
            select from yardstick.metric_calculations as c
            left join yardstick_engine.removable_marks() as m on m.organization_id = c.organization_id and m.metric_id = c.metric_id
            where c.period_end >= low::timestamp at time zone 'UTC' and c.period_end < high::timestamp at time zone 'UTC'
                and (
                    m.metric_id is null
                    or c.period_end > case when c.time_window in ('daily', 'weekly') then m.days_ended_at else m.ended_at end
                )
        );
    elsif holds_needed.partition_name like 'metric\_snapshots\_%' then
        return exists (
            select from yardstick.metric_snapshots as s
            left join yardstick_engine.removable_marks() as m on m.organization_id = s.organization_id and m.metric_id = s.metric_id
            where s.snapshot_date >= low and s.snapshot_date < high
                and (
                    m.metric_id is null
                    or s.snapshot_date >= case when s.snapshot_type in ('daily', 'weekly') then m.days_kept_from else m.kept_from end
                )
        );
    elsif holds_needed.partition_name like 'metric\_partials\_day\_%' then
        return exists (
            select from yardstick.metric_partials as p
            left join yardstick.metric_series as s on s.series_id = p.series_id and s.organization_id = p.organization_id
            left join yardstick_engine.state_cuts() as k on k.organization_id = s.organization_id and k.measure_id = s.measure_id
            where p.period_type = 1 and p.period_start >= low and p.period_start < high
                and (k.measure_id is null or p.period_start >= k.days_kept_from)
        );
    end if;
    return exists (
        select from yardstick.metric_details as d
        left join yardstick.metric_series as s on s.series_id = d.series_id and s.organization_id = d.organization_id
        left join yardstick_engine.state_cuts() as k on k.organization_id = s.organization_id and k.measure_id = s.measure_id
        where d.period_start >= low and d.period_start < high
            and (k.measure_id is null or d.period_start >= k.days_kept_from)
    );
end
$holds_needed$;

comment on function yardstick_engine.holds_needed(text) is
'Whether a yearly partition of values, snapshots or states has a row that no mark lets go.';
