-- No two rows have the same text, for each field says how long it is; and no setting of the session changes it. docs/audit.md
-- and docs/verify_audit.py say the same: what is changed here needs another first line, and the old rows the old one.
-- Parsed, so that reading a chain calls no function for each row; the rows come as text, since each is needed several times.
create or replace function yardstick.audit_hash(
    previous_hash   bytea,
    organization_id uuid,
    sequence_no     bigint,
    occurred_at     timestamptz,
    recorded_at     timestamptz,
    transaction_id  bigint,
    login_name      text,
    user_id         uuid,
    action          text,
    subject         text,
    subject_id      text,
    old_row         text,
    new_row         text,
    reason          text
)
returns bytea
language sql
stable
parallel safe
return sha256(
    yardstick.audit_field('yardstick audit 1')
    || yardstick.audit_field(encode(audit_hash.previous_hash, 'hex'))
    || yardstick.audit_field(audit_hash.organization_id::text)
    || yardstick.audit_field(audit_hash.sequence_no::text)
    || yardstick.audit_field(trunc(extract(epoch from audit_hash.occurred_at) * 1000000)::text)
    || yardstick.audit_field(trunc(extract(epoch from audit_hash.recorded_at) * 1000000)::text)
    || yardstick.audit_field(audit_hash.transaction_id::text)
    || yardstick.audit_field(audit_hash.login_name)
    || yardstick.audit_field(audit_hash.user_id::text)
    || yardstick.audit_field(audit_hash.action)
    || yardstick.audit_field(audit_hash.subject)
    || yardstick.audit_field(audit_hash.subject_id)
    || yardstick.audit_field(audit_hash.old_row)
    || yardstick.audit_field(audit_hash.new_row)
    || yardstick.audit_field(audit_hash.reason)
);

comment on function yardstick.audit_hash(
    bytea, uuid, bigint, timestamptz, timestamptz, bigint, text, uuid, text, text, text, text, text, text
) is
'SHA-256 of a row of the audit and of the hash of the row before.';

grant execute on function yardstick.audit_hash(
    bytea, uuid, bigint, timestamptz, timestamptz, bigint, text, uuid, text, text, text, text, text, text
) to yardstick_engine_role;
