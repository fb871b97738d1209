create or replace function yardstick_engine.remove_snapshots(
    organization_id uuid,
    metric_id       uuid,
    kept_from       date,
    days_kept_from  date
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $remove_snapshots$
declare
    first_date date;
    removed    bigint;
begin
    select min(s.snapshot_date) into first_date
    from yardstick.metric_snapshots as s
    where s.organization_id = remove_snapshots.organization_id and s.metric_id = remove_snapshots.metric_id
        and s.snapshot_date < remove_snapshots.kept_from
        and (s.snapshot_type not in ('daily', 'weekly') or s.snapshot_date < remove_snapshots.days_kept_from);
    if first_date is null then
        return 0;
    end if;
    delete from yardstick.metric_snapshots as s
    where s.organization_id = remove_snapshots.organization_id and s.metric_id = remove_snapshots.metric_id
        and s.snapshot_date >= first_date and s.snapshot_date < least(remove_snapshots.kept_from, first_date + 31)
        and (s.snapshot_type not in ('daily', 'weekly') or s.snapshot_date < remove_snapshots.days_kept_from);
    get diagnostics removed = row_count;
    return removed;
end
$remove_snapshots$;

comment on function yardstick_engine.remove_snapshots(uuid, uuid, date, date) is
'Removes the oldest month of snapshots of a metric and organization from before its mark, and returns their number: 0 when nothing is left.';
