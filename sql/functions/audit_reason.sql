-- A note that was there before says nothing about this change; a reason, which goes with every change, may be the same again.
create or replace function yardstick.audit_reason(old_row jsonb, new_row jsonb)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $audit_reason$
    select coalesce(
        yardstick.current_reason(),
        audit_reason.new_row ->> 'reason',
        nullif(audit_reason.new_row ->> 'note', audit_reason.old_row ->> 'note'),
        nullif(audit_reason.new_row ->> 'decision_note', audit_reason.old_row ->> 'decision_note'),
        nullif(audit_reason.new_row ->> 'submit_note', audit_reason.old_row ->> 'submit_note')
    )
$audit_reason$;

comment on function yardstick.audit_reason(jsonb, jsonb) is
'Why a row was changed: the reason of the transaction, else what the row itself says; null: not said.';

grant execute on function yardstick.audit_reason(jsonb, jsonb) to yardstick_engine_role;
