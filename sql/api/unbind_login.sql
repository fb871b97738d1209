-- Definer, with the owner's rights: nobody else writes bindings.
create or replace function yardstick_api.unbind_login(login name, organization_id uuid default null)
returns integer
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $unbind_login$
declare
    binding_count integer;
begin
    if not pg_has_role(session_user, 'yardstick_dba', 'member') then
        raise exception using errcode = 'YS005', message = 'only a member of yardstick_dba unbinds logins';
    end if;
    delete from yardstick.login_bindings as b
    where
        b.login_name = unbind_login.login::text
        and (unbind_login.organization_id is null or b.organization_id = unbind_login.organization_id);
    get diagnostics binding_count = row_count;
    return binding_count;
end
$unbind_login$;

comment on function yardstick_api.unbind_login(name, uuid) is
'Takes from a login this organization, or with null all it had; returns how many bindings are gone. Open transactions keep theirs. '
'YS005: the caller is no DBA.';

grant execute on function yardstick_api.unbind_login(name, uuid) to yardstick_dba;
