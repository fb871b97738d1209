-- Snapshots are taken in slices that survive an interruption, and a restored copy must not do the original's work.
-- depends: 0012.create_operations
set local role yardstick_owner;

-- Work rows that come and go: what is left here when a call ends is done by the next one.
create table yardstick.snapshot_slices (
    organization_id uuid        not null,
    snapshot_type   text        not null,
    slice_start     date        not null,
    first_date      date        not null,
    last_date       date        not null,
    seen            bigint      not null default 0,
    queued_at       timestamptz not null default clock_timestamp(),

    constraint snapshot_slices_pkey primary key (organization_id, snapshot_type, slice_start),
    constraint snapshot_slices_type_is_known check (snapshot_type in ('daily', 'weekly', 'monthly', 'quarterly', 'annual')),
    constraint snapshot_slices_are_in_order check (first_date <= last_date)
);

comment on table yardstick.snapshot_slices is
'One row per organization, snapshot type and stretch of dates whose snapshots are to be taken anew.';
comment on column yardstick.snapshot_slices.organization_id is 'Organization.';
comment on column yardstick.snapshot_slices.snapshot_type is
'Window of the snapshots: daily, weekly, monthly, quarterly or annual.';
comment on column yardstick.snapshot_slices.slice_start is
'First day of the stretch: of a month for daily snapshots, else of a year.';
comment on column yardstick.snapshot_slices.first_date is 'First snapshot date to be taken.';
comment on column yardstick.snapshot_slices.last_date is 'Last snapshot date to be taken.';
comment on column yardstick.snapshot_slices.seen is
'Fingerprint of the changed values that were seen when it was queued; 0: none.';
comment on column yardstick.snapshot_slices.queued_at is 'When it was queued.';

alter table yardstick.snapshot_slices enable row level security;
alter table yardstick.snapshot_slices force row level security;
create policy tenant on yardstick.snapshot_slices for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));
create policy engine on yardstick.snapshot_slices for all to yardstick_engine_role using (true) with check (true);
grant select, insert, update, delete on yardstick.snapshot_slices to yardstick_engine_role;

create table yardstick.job_home (
    id                integer     not null default 1,
    system_identifier bigint      not null,
    database_name     text        not null,
    registered_at     timestamptz not null default clock_timestamp(),

    constraint job_home_pkey primary key (id),
    constraint job_home_is_one_row check (id = 1)
);

comment on table yardstick.job_home is 'The one row that says in which cluster and database the jobs may run.';
comment on column yardstick.job_home.id is 'Always 1.';
comment on column yardstick.job_home.system_identifier is
'System identifier of the cluster the jobs were registered in.';
comment on column yardstick.job_home.database_name is 'Database the jobs were registered for.';
comment on column yardstick.job_home.registered_at is 'When they were registered.';

grant select, insert, update, delete on yardstick.job_home to yardstick_engine_role;
