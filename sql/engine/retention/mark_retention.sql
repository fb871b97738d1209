-- The mark goes first, and alone: once it is there nobody writes what is before it, so what is removed afterwards stays away.
create or replace function yardstick_engine.mark_retention(as_of timestamptz)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $mark_retention$
declare
    moved integer;
begin
    insert into yardstick.retention_marks as m (organization_id, metric_id, kept_from, days_kept_from)
    select c.organization_id, c.metric_id, c.kept_from, c.days_kept_from
    from yardstick_engine.retention_cuts(mark_retention.as_of) as c
    inner join yardstick.organizations as o on o.id = c.organization_id
    left join yardstick.retention_marks as k on k.organization_id = c.organization_id and k.metric_id = c.metric_id
    where
        c.kept_from is not null
        and c.held_because is null
        and (k.metric_id is null or c.kept_from > k.kept_from)
        and (
            exists (
                select from yardstick.metric_calculations as v
                where v.organization_id = c.organization_id and v.metric_id = c.metric_id
                    and v.period_end <= yardstick_engine.local_midnight(
                        case when v.time_window in ('daily', 'weekly') then c.days_kept_from else c.kept_from end, o.timezone
                    )
                    and v.period_end <= yardstick_engine.local_midnight(c.kept_from, o.timezone)
            )
            or exists (
                select from yardstick.metric_snapshots as s
                where s.organization_id = c.organization_id and s.metric_id = c.metric_id
                    and s.snapshot_date < case when s.snapshot_type in ('daily', 'weekly') then c.days_kept_from else c.kept_from end
                    and s.snapshot_date < c.kept_from
            )
        )
    order by c.organization_id, c.metric_id
    on conflict on constraint retention_marks_pkey do update
    set kept_from = excluded.kept_from, days_kept_from = excluded.days_kept_from, set_at = clock_timestamp()
    where m.kept_from < excluded.kept_from;
    get diagnostics moved = row_count;
    return moved;
end
$mark_retention$;

comment on function yardstick_engine.mark_retention(timestamptz) is
'Moves the mark of every metric and organization that has something its retention_days lets go, and that no hold keeps; returns the number moved.';
