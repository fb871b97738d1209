-- as: deployer
-- Definer, with the engine's rights: nobody else writes to the audit, and only code of the product calls this.
create or replace function yardstick.record_audit(
    organization_id uuid,
    action          text,
    subject         text,
    subject_id      text default null,
    old_row         jsonb default null,
    new_row         jsonb default null,
    reason          text default null
)
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $record_audit$
    insert into yardstick.audit_queue (organization_id, wakes, user_id, action, subject, subject_id, old_row, new_row, reason)
    values (
        coalesce(record_audit.organization_id, '00000000-0000-0000-0000-000000000000'),
        true,
        yardstick.current_user_id(),
        record_audit.action,
        record_audit.subject,
        record_audit.subject_id,
        record_audit.old_row,
        record_audit.new_row,
        coalesce(record_audit.reason, yardstick.current_reason())
    )
$record_audit$;

alter function yardstick.record_audit(uuid, text, text, text, jsonb, jsonb, text) owner to yardstick_engine_role;
revoke execute on function yardstick.record_audit(uuid, text, text, text, jsonb, jsonb, text) from public;
grant execute on function yardstick.record_audit(uuid, text, text, text, jsonb, jsonb, text) to yardstick_owner;

comment on function yardstick.record_audit(uuid, text, text, text, jsonb, jsonb, text) is
'Has the commit write a row to the audit of an organization, or with null of the platform; without reason, the one of use_reason().';
