-- Definer, with the owner's rights, under the policies of the login.
create or replace function yardstick_api.release_legal_hold(id uuid, reason text)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $release_legal_hold$
declare
    organization uuid := yardstick.current_organization();
begin
    if not pg_has_role(session_user, 'yardstick_dba', 'member') then
        organization := yardstick.require_organization();
    end if;
    perform yardstick_engine.release_hold(
        release_legal_hold.id, organization, release_legal_hold.reason, yardstick.current_user_id()
    );
end
$release_legal_hold$;

comment on function yardstick_api.release_legal_hold(uuid, text) is
'Ends a legal hold: the next run of the job retention removes what the rules let go. For those who may set one. YS001: no reason. YS003: no such hold. '
'YS005: not entitled. YS007: it was released before.';

grant execute on function yardstick_api.release_legal_hold(uuid, text) to yardstick_app, yardstick_dba;
