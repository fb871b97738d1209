-- Who changed what, when and why, in rows chained by their hashes: what is changed or missing afterwards is found.
-- depends: 0017.create_versions
set local role yardstick_owner;

-- No foreign keys: what is audited may go, and the audit stays.
create table yardstick.audit_log (
    organization_id uuid        not null,
    sequence_no     bigint      not null,
    occurred_at     timestamptz not null,
    recorded_at     timestamptz not null,
    transaction_id  bigint      not null,
    login_name      text        not null,
    user_id         uuid,
    action          text        not null,
    subject         text        not null,
    subject_id      text,
    old_row         jsonb,
    new_row         jsonb,
    reason          text,
    previous_hash   bytea       not null,
    row_hash        bytea       not null,

    constraint audit_log_pkey primary key (organization_id, sequence_no),
    constraint audit_counts_from_one check (sequence_no >= 1),
    constraint audit_says_what_was_done check (action <> '' and subject <> ''),
    constraint audit_holds_sha256 check (octet_length(previous_hash) = 32 and octet_length(row_hash) = 32)
);

comment on table yardstick.audit_log is
'One row per change that is audited: a chain for each organization and one for the platform, never changed.';
comment on column yardstick.audit_log.organization_id is
'Organization whose chain it is in; 00000000-0000-0000-0000-000000000000: the chain of the platform.';
comment on column yardstick.audit_log.sequence_no is 'Place in that chain: 1, 2, 3 without a gap.';
comment on column yardstick.audit_log.occurred_at is 'When it was done, by the clock.';
comment on column yardstick.audit_log.recorded_at is
'When it became part of the chain, as its transaction committed, by the clock.';
comment on column yardstick.audit_log.transaction_id is 'Transaction of the server that did it.';
comment on column yardstick.audit_log.login_name is 'Login of the database that did it.';
comment on column yardstick.audit_log.user_id is 'Person for whom the login worked; null: nobody was named.';
comment on column yardstick.audit_log.action is 'What was done: insert, update, delete, approve, reject and the like.';
comment on column yardstick.audit_log.subject is 'Kind of thing it was done to, such as metric_definition.';
comment on column yardstick.audit_log.subject_id is 'Which one; null: no single one.';
comment on column yardstick.audit_log.old_row is 'What it was before, without what the engine maintains; null: nothing.';
comment on column yardstick.audit_log.new_row is 'What it was afterwards, without what the engine maintains; null: nothing.';
comment on column yardstick.audit_log.reason is 'Why it was done; null: not said.';
comment on column yardstick.audit_log.previous_hash is 'row_hash of the row before; 32 zero bytes: this is the first.';
comment on column yardstick.audit_log.row_hash is 'SHA-256 of all other columns: docs/audit.md says of which bytes.';

alter table yardstick.audit_log enable row level security;
alter table yardstick.audit_log force row level security;
create policy tenant on yardstick.audit_log for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));
create policy engine on yardstick.audit_log for all to yardstick_engine_role using (true) with check (true);
grant select, insert on yardstick.audit_log to yardstick_engine_role;

-- Whoever writes to a chain holds its row here until the commit: that keeps it in one line.
create table yardstick.audit_heads (
    organization_id uuid   not null,
    sequence_no     bigint not null,
    row_hash        bytea  not null,

    constraint audit_heads_pkey primary key (organization_id),
    constraint audit_heads_count_from_zero check (sequence_no >= 0),
    constraint audit_heads_hold_sha256 check (octet_length(row_hash) = 32)
) with (fillfactor = 50);

comment on table yardstick.audit_heads is 'One row per chain of the audit: its newest row.';
comment on column yardstick.audit_heads.organization_id is
'Organization of the chain; 00000000-0000-0000-0000-000000000000: the chain of the platform.';
comment on column yardstick.audit_heads.sequence_no is 'sequence_no of its newest row; 0: it is about to begin.';
comment on column yardstick.audit_heads.row_hash is 'row_hash of that row; 32 zero bytes: it is about to begin.';

alter table yardstick.audit_heads enable row level security;
alter table yardstick.audit_heads force row level security;
create policy tenant on yardstick.audit_heads for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));
create policy engine on yardstick.audit_heads for all to yardstick_engine_role using (true) with check (true);
grant select, insert, update on yardstick.audit_heads to yardstick_engine_role;

-- Unlogged: no row outlives the transaction that wrote it.
create unlogged table yardstick.audit_queue (
    organization_id uuid        not null,
    entry_no        bigint      not null generated always as identity,
    wakes           boolean     not null,
    occurred_at     timestamptz not null default clock_timestamp(),
    transaction_id  bigint      not null default pg_current_xact_id()::text::bigint,
    login_name      text        not null default session_user,
    user_id         uuid,
    action          text        not null,
    subject         text        not null,
    subject_id      text,
    old_row         jsonb,
    new_row         jsonb,
    reason          text,

    constraint audit_queue_pkey primary key (organization_id, entry_no)
);

create index audit_queue_transaction_id_idx on yardstick.audit_queue (transaction_id);

comment on table yardstick.audit_queue is
'One row per change of a running transaction that its commit will write to the audit.';
comment on column yardstick.audit_queue.organization_id is
'Organization of the chain; 00000000-0000-0000-0000-000000000000: the chain of the platform.';
comment on column yardstick.audit_queue.entry_no is 'Order in which the transaction made its changes.';
comment on column yardstick.audit_queue.wakes is 'True for one row of a statement: the commit is told by it.';
comment on column yardstick.audit_queue.occurred_at is 'As in audit_log.';
comment on column yardstick.audit_queue.transaction_id is 'As in audit_log.';
comment on column yardstick.audit_queue.login_name is 'As in audit_log.';
comment on column yardstick.audit_queue.user_id is 'As in audit_log.';
comment on column yardstick.audit_queue.action is 'As in audit_log.';
comment on column yardstick.audit_queue.subject is 'As in audit_log.';
comment on column yardstick.audit_queue.subject_id is 'As in audit_log.';
comment on column yardstick.audit_queue.old_row is 'As in audit_log.';
comment on column yardstick.audit_queue.new_row is 'As in audit_log.';
comment on column yardstick.audit_queue.reason is 'As in audit_log.';

alter table yardstick.audit_queue enable row level security;
alter table yardstick.audit_queue force row level security;
create policy tenant on yardstick.audit_queue for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));
create policy engine on yardstick.audit_queue for all to yardstick_engine_role using (true) with check (true);
grant select, insert, delete on yardstick.audit_queue to yardstick_engine_role;
