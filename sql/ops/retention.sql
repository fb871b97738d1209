-- What the next run of the job removes, had it all the time it needs; nothing is removed by looking.
create or replace view yardstick_ops.retention as
with

cuts as (

    select cuts.*
    from yardstick_engine.retention_cuts(now()) as cuts

),

organizations as (

    select id, organization_name, timezone
    from yardstick.organizations

),

metrics as (

    select id, metric_name, retention_days
    from yardstick.metric_definitions

),

marks as (

    select organization_id, metric_id, kept_from
    from yardstick.retention_marks

)

select
    cuts.organization_id,
    organizations.organization_name,
    cuts.metric_id,
    metrics.metric_name,
    metrics.retention_days,
    cuts.days_kept,
    cuts.kept_from,
    cuts.kept_because,
    cuts.held_because,
    marks.kept_from as removed_before,
    leaving.value_count,
    leaving.snapshot_count,
    leaving.oldest_period_start
from cuts
inner join organizations on cuts.organization_id = organizations.id
inner join metrics on cuts.metric_id = metrics.id
left join marks on cuts.organization_id = marks.organization_id and cuts.metric_id = marks.metric_id
cross join lateral (
    select
        count(*) as value_count,
        min(calculations.period_start) as oldest_period_start,
        (
            select count(*)
            from yardstick.metric_snapshots as snapshots
            where
                cuts.held_because is null
                and snapshots.organization_id = cuts.organization_id
                and snapshots.metric_id = cuts.metric_id
                and snapshots.snapshot_date
                < case when snapshots.snapshot_type in ('daily', 'weekly') then cuts.days_kept_from else cuts.kept_from end
        ) as snapshot_count
    from yardstick.metric_calculations as calculations
    where
        cuts.held_because is null
        and calculations.organization_id = cuts.organization_id
        and calculations.metric_id = cuts.metric_id
        and calculations.period_end <= yardstick_engine.local_midnight(cuts.kept_from, organizations.timezone)
        and calculations.period_end <= yardstick_engine.local_midnight(
            case when calculations.time_window in ('daily', 'weekly') then cuts.days_kept_from else cuts.kept_from end,
            organizations.timezone
        )
) as leaving;

comment on view yardstick_ops.retention is
'One row per organization and metric: what its retention_days lets go, what keeps it, and what the next run of the job retention removes.';
comment on column yardstick_ops.retention.organization_id is 'Organization.';
comment on column yardstick_ops.retention.organization_name is 'Its name.';
comment on column yardstick_ops.retention.metric_id is 'Metric.';
comment on column yardstick_ops.retention.metric_name is 'Its name.';
comment on column yardstick_ops.retention.retention_days is 'Days its definition asks for; null: none.';
comment on column yardstick_ops.retention.days_kept is
'Days that hold with the metrics made of it, the longest of theirs; null: one of them is kept for good.';
comment on column yardstick_ops.retention.kept_from is
'First date that is kept: the start of the stretch of its longest window that these days reach into; null: everything is.';
comment on column yardstick_ops.retention.kept_because is 'Why everything is kept; null: it is not.';
comment on column yardstick_ops.retention.held_because is 'Reasons of the legal holds on it; null: none.';
comment on column yardstick_ops.retention.removed_before is
'Date before which values have been removed and none is calculated any more; null: never.';
comment on column yardstick_ops.retention.value_count is 'Values that the next run removes.';
comment on column yardstick_ops.retention.snapshot_count is 'Snapshots that the next run removes.';
comment on column yardstick_ops.retention.oldest_period_start is 'Start of the oldest of these values; null: none.';

grant select on yardstick_ops.retention to yardstick_dba, yardstick_worker;
