-- Taking snapshots spent more on their indexes than on the rows: columns of one width come first, which cost less to
-- compare, and what stands of some dates is found without reading an organization's whole year.
-- depends: 0027.give_values_ids
set local role yardstick_owner;

-- squawk-ignore ban-drop-constraint, constraint-missing-not-valid, adding-serial-primary-key-field
alter table yardstick.metric_snapshots drop constraint metric_snapshots_pkey, add constraint metric_snapshots_pkey primary key (
    organization_id, metric_id, aggregation_id, snapshot_date, snapshot_type, aggregation_level
);
-- No index of a partitioned table can be dropped or built concurrently.
-- squawk-ignore require-concurrent-index-deletion
drop index yardstick.idx_metric_snapshots_date;
-- squawk-ignore require-concurrent-index-creation
create index idx_metric_snapshots_date on yardstick.metric_snapshots (organization_id, snapshot_type, snapshot_date);

-- Made from the key, it cost more than its place in an index would.
-- squawk-ignore ban-drop-generated-expression
alter table yardstick.metric_snapshots alter column id drop expression;
alter table yardstick.metric_snapshots alter column id set default gen_random_uuid();
comment on column yardstick.metric_snapshots.id is
'Identifier of the row, which stays when the snapshot is taken again; not indexed.';
