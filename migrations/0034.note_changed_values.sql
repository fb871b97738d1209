-- Every hour the values of every organization were compared with its snapshots: now those whose values were written since.
-- depends: 0033.note_locked_sources
set local role yardstick_owner;

-- Appended to by each statement that writes values, without key or index, and taken whole.
create table yardstick.value_changes (
    organization_ids uuid[]      not null,
    added_at         timestamptz not null default clock_timestamp()
);

comment on table yardstick.value_changes is
'One row per statement that wrote values: whose; taken by the job that takes snapshots.';
comment on column yardstick.value_changes.organization_ids is 'Organizations of which values may have changed.';
comment on column yardstick.value_changes.added_at is 'When it was written down.';

alter table yardstick.value_changes enable row level security;
alter table yardstick.value_changes force row level security;
create policy engine on yardstick.value_changes for all to yardstick_engine_role using (true) with check (true);
grant select, insert, update, delete on yardstick.value_changes to yardstick_engine_role;

create table yardstick.snapshot_looks (
    organization_id uuid    not null,
    looked_at       timestamptz,
    is_due          boolean not null,
    error_metrics   uuid[]  not null default '{}',

    constraint snapshot_looks_pkey primary key (organization_id)
);
create index snapshot_looks_due on yardstick.snapshot_looks (organization_id) where is_due;

comment on table yardstick.snapshot_looks is
'One row per organization whose values have been compared with its snapshots, or are to be.';
comment on column yardstick.snapshot_looks.organization_id is 'Organization.';
comment on column yardstick.snapshot_looks.looked_at is 'As of when they were last compared; null: not yet.';
comment on column yardstick.snapshot_looks.is_due is 'They are to be compared: values were written since, or a day has ended.';
comment on column yardstick.snapshot_looks.error_metrics is 'Metrics whose newest value of the organization was an error then, for health.';

alter table yardstick.snapshot_looks enable row level security;
alter table yardstick.snapshot_looks force row level security;
create policy tenant on yardstick.snapshot_looks for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));
create policy engine on yardstick.snapshot_looks for all to yardstick_engine_role using (true) with check (true);
grant select, insert, update, delete on yardstick.snapshot_looks to yardstick_engine_role;
