-- Definer, with the owner's rights, under the policies of the login.
create or replace function yardstick_api.set_approval_gates(
    organization_id uuid,
    gates           text[],
    reason          text
)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $set_approval_gates$
begin
    perform yardstick_engine.save_policy(set_approval_gates.organization_id, set_approval_gates.gates, set_approval_gates.reason);
end
$set_approval_gates$;

comment on function yardstick_api.set_approval_gates(uuid, text[], text) is
'Sets which gates a version of an organization''s metric, or with null of the platform''s and of organizations without a setting, needs before it '
'serves; none: it serves at once. For superusers alone. YS001: no reason, or an unknown gate. YS003: no such organization. YS005: no superuser.';

grant execute on function yardstick_api.set_approval_gates(uuid, text[], text) to yardstick_dba;
