-- The keys get their former order, and ids are made from the key again: for these the table is written anew.
-- depends: 0027.give_values_ids
set local role yardstick_owner;

alter table yardstick.metric_snapshots drop constraint metric_snapshots_pkey, add constraint metric_snapshots_pkey primary key (
    organization_id, metric_id, aggregation_level, aggregation_id, snapshot_type, snapshot_date
);
drop index yardstick.idx_metric_snapshots_date;
create index idx_metric_snapshots_date on yardstick.metric_snapshots (organization_id, metric_id, snapshot_date desc);

alter table yardstick.metric_snapshots drop column id;
alter table yardstick.metric_snapshots add column id uuid generated always as (
    md5(
        organization_id::text || metric_id::text || aggregation_level || aggregation_id::text || snapshot_type
        || (snapshot_date - date '1970-01-01')::text
    )::uuid
) stored;
comment on column yardstick.metric_snapshots.id is
'Identifier made from the key, the same each time the same snapshot is taken; not indexed.';
