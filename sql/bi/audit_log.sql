create or replace view yardstick_bi.audit_log as
with

entries as (

    select
        organization_id, sequence_no, occurred_at, recorded_at, login_name, user_id, action, subject, subject_id, old_row, new_row,
        reason, transaction_id, previous_hash, row_hash
    from yardstick.audit_log

),

users as (

    select id, user_name
    from yardstick.users

)

select
    entries.organization_id,
    entries.sequence_no,
    entries.occurred_at,
    entries.recorded_at,
    entries.login_name,
    entries.user_id,
    users.user_name,
    entries.action,
    entries.subject,
    entries.subject_id,
    entries.old_row,
    entries.new_row,
    entries.reason,
    entries.transaction_id,
    encode(entries.previous_hash, 'hex') as previous_hash,
    encode(entries.row_hash, 'hex') as row_hash
from entries
left join users on users.id = entries.user_id;

comment on view yardstick_bi.audit_log is
'One row per audited change: who changed what, when and why. Filter on subject, subject_id and occurred_at.';
comment on column yardstick_bi.audit_log.organization_id is 'Organization it concerns.';
comment on column yardstick_bi.audit_log.sequence_no is 'Place in the audit of the organization: 1, 2, 3 without a gap.';
comment on column yardstick_bi.audit_log.occurred_at is 'When it was done, by the clock.';
comment on column yardstick_bi.audit_log.recorded_at is 'When its transaction committed and it became part of the audit.';
comment on column yardstick_bi.audit_log.login_name is 'Login of the database that did it.';
comment on column yardstick_bi.audit_log.user_id is 'Person for whom the login worked; null: nobody was named.';
comment on column yardstick_bi.audit_log.user_name is 'Name of that person today; null: nobody was named.';
comment on column yardstick_bi.audit_log.action is 'What was done: insert, update, delete, approve, reject and the like.';
comment on column yardstick_bi.audit_log.subject is 'Kind of thing it was done to, such as metric_definition.';
comment on column yardstick_bi.audit_log.subject_id is 'Which one; null: no single one.';
comment on column yardstick_bi.audit_log.old_row is 'What it was before; null: nothing.';
comment on column yardstick_bi.audit_log.new_row is 'What it was afterwards; null: nothing.';
comment on column yardstick_bi.audit_log.reason is 'Why it was done; null: not said.';
comment on column yardstick_bi.audit_log.transaction_id is 'Transaction of the server: changes made together have the same.';
comment on column yardstick_bi.audit_log.previous_hash is 'Hash of the row before; all zeros: it is the first.';
comment on column yardstick_bi.audit_log.row_hash is 'Hash of this row and of the one before.';

grant select on yardstick_bi.audit_log to yardstick_bi;
