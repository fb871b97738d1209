-- Taking snapshots spent more on their indexes than on the rows: columns of one width come first, which are compared at half the cost,
-- and what stands of some dates is found without reading an organization's whole year.
-- depends: 0028.keep_dirty_rows_whole
set local role yardstick_owner;

-- squawk-ignore constraint-missing-not-valid, ban-drop-constraint, adding-serial-primary-key-field, disallowed-unique-constraint
alter table yardstick.metric_snapshots drop constraint metric_snapshots_pkey, add constraint metric_snapshots_pkey primary key (
    organization_id, metric_id, aggregation_id, snapshot_date, snapshot_type, aggregation_level
);
drop index yardstick.idx_metric_snapshots_date;
-- No index of a partitioned table can be built concurrently.
-- squawk-ignore require-concurrent-index-creation
create index idx_metric_snapshots_date on yardstick.metric_snapshots (organization_id, snapshot_type, snapshot_date);
