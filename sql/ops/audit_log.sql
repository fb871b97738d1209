-- The texts are those that were hashed, so that whoever has them can hash them anew: docs/audit.md.
create or replace view yardstick_ops.audit_log as
select
    a.organization_id,
    a.sequence_no,
    a.occurred_at,
    a.recorded_at,
    a.transaction_id,
    a.login_name,
    a.user_id,
    a.action,
    a.subject,
    a.subject_id,
    a.old_row::text as old_row,
    a.new_row::text as new_row,
    a.reason,
    encode(a.previous_hash, 'hex') as previous_hash,
    encode(a.row_hash, 'hex') as row_hash
from yardstick.audit_log as a;

comment on view yardstick_ops.audit_log is 'One row per audited change of any organization, as an export of the audit has it.';
comment on column yardstick_ops.audit_log.organization_id is
'Organization; 00000000-0000-0000-0000-000000000000: the platform.';
comment on column yardstick_ops.audit_log.sequence_no is 'Place in the chain of the organization: 1, 2, 3 without a gap.';
comment on column yardstick_ops.audit_log.occurred_at is 'When it was done, by the clock.';
comment on column yardstick_ops.audit_log.recorded_at is 'When its transaction committed and it became part of the chain.';
comment on column yardstick_ops.audit_log.transaction_id is 'Transaction of the server that did it.';
comment on column yardstick_ops.audit_log.login_name is 'Login of the database that did it.';
comment on column yardstick_ops.audit_log.user_id is 'Person for whom the login worked; null: nobody was named.';
comment on column yardstick_ops.audit_log.action is 'What was done: insert, update, delete, approve, reject and the like.';
comment on column yardstick_ops.audit_log.subject is 'Kind of thing it was done to, such as metric_definition.';
comment on column yardstick_ops.audit_log.subject_id is 'Which one; null: no single one.';
comment on column yardstick_ops.audit_log.old_row is 'What it was before, as the text that was hashed; null: nothing.';
comment on column yardstick_ops.audit_log.new_row is 'What it was afterwards, as the text that was hashed; null: nothing.';
comment on column yardstick_ops.audit_log.reason is 'Why it was done; null: not said.';
comment on column yardstick_ops.audit_log.previous_hash is 'Hash of the row before; all zeros: it is the first.';
comment on column yardstick_ops.audit_log.row_hash is 'Hash of this row and of the one before.';

grant select on yardstick_ops.audit_log to yardstick_dba;
