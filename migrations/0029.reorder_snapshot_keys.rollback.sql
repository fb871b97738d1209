-- The keys get their former order; no row changes.
-- depends: 0028.keep_dirty_rows_whole
set local role yardstick_owner;

alter table yardstick.metric_snapshots drop constraint metric_snapshots_pkey, add constraint metric_snapshots_pkey primary key (
    organization_id, metric_id, aggregation_level, aggregation_id, snapshot_type, snapshot_date
);
drop index yardstick.idx_metric_snapshots_date;
create index idx_metric_snapshots_date on yardstick.metric_snapshots (organization_id, metric_id, snapshot_date desc);
