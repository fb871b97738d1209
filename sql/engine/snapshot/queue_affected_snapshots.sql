-- A value reaches further than its own snapshot: into the trend of the next 29, the changes of a year later, the spread of
-- every longer window around it.
create or replace function yardstick_engine.queue_affected_snapshots(
    organization_id uuid,
    time_window     text,
    first_date      date,
    last_date       date,
    closed_date     date
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $queue_affected_snapshots$
    insert into yardstick.snapshot_slices as s (organization_id, snapshot_type, slice_start, first_date, last_date)
    select
        queue_affected_snapshots.organization_id,
        reached.snapshot_type,
        slices.slice_start::date,
        greatest(slices.slice_start::date, queue_affected_snapshots.first_date),
        least((slices.slice_start + reached.slice_length)::date - 1, reached.last_date)
    from (
        select
            w.snapshot_type,
            w.slice_unit,
            ('1 ' || w.slice_unit)::interval as slice_length,
            least(
                queue_affected_snapshots.closed_date,
                (
                    queue_affected_snapshots.last_date
                    + case when w.snapshot_type = queue_affected_snapshots.time_window then w.own_reach else w.part_reach end
                )::date
            ) as last_date
        from (
            values
            (1, 'daily', 'month', interval '12 months', interval '0'),
            (2, 'weekly', 'year', interval '364 days', interval '6 days'),
            (3, 'monthly', 'year', interval '30 months', interval '1 month'),
            (4, 'quarterly', 'year', interval '90 months', interval '3 months'),
            (5, 'annual', 'year', interval '30 years', interval '12 months')
        ) as w (rank, snapshot_type, slice_unit, own_reach, part_reach)
        where
            w.rank >= yardstick_engine.period_type(queue_affected_snapshots.time_window)
            -- A window that no metric has been defined for has no snapshots either.
            and (
                w.snapshot_type = queue_affected_snapshots.time_window
                or exists (
                    select
                    from yardstick.metric_definitions as d
                    where
                        w.snapshot_type = any(d.time_windows)
                        and (d.organization_id = queue_affected_snapshots.organization_id or d.organization_id is null)
                )
            )
    ) as reached
    cross join lateral generate_series(
        date_trunc(reached.slice_unit, queue_affected_snapshots.first_date::timestamp),
        reached.last_date::timestamp,
        reached.slice_length
    ) as slices (slice_start)
    where queue_affected_snapshots.first_date <= reached.last_date
    order by 2, 3
    on conflict (organization_id, snapshot_type, slice_start) do update
    set first_date = least(s.first_date, excluded.first_date), last_date = greatest(s.last_date, excluded.last_date)
    where (s.first_date, s.last_date)
    is distinct from (least(s.first_date, excluded.first_date), greatest(s.last_date, excluded.last_date))
$queue_affected_snapshots$;

comment on function yardstick_engine.queue_affected_snapshots(uuid, text, date, date, date) is
'Queues every snapshot up to closed_date that depends on values of a window whose last days lie between two dates.';
