-- Definer, with the owner's rights: nobody else writes bindings.
create or replace function yardstick_api.bind_login(login name, organization_id uuid, kind text)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $bind_login$
begin
    if not pg_has_role(session_user, 'yardstick_dba', 'member') then
        raise exception using errcode = 'YS005', message = 'only a member of yardstick_dba binds logins';
    end if;
    if bind_login.kind is null or bind_login.kind not in ('bound', 'trusted') then
        raise exception using
            errcode = 'YS001', message = format('kind: must be bound or trusted, not %s', coalesce(bind_login.kind, 'null'));
    end if;
    if not exists (select from pg_roles as r where r.rolname = bind_login.login) then
        raise exception using
            errcode = 'YS003',
            message = format('login: there is no role "%s"; create it first', coalesce(bind_login.login, 'null'));
    end if;
    if bind_login.organization_id is null and bind_login.kind = 'bound' then
        raise exception using
            errcode = 'YS001', message = 'organization_id: a bound login has exactly one organization; name it';
    end if;
    if bind_login.organization_id is not null
    and yardstick_engine.find_organization(bind_login.organization_id, null) is null then
        raise exception using
            errcode = 'YS003', message = format('organization_id: unknown organization %s', bind_login.organization_id);
    end if;

    -- Two at once would each delete what the other has not yet written, and leave two organizations to one login.
    perform pg_advisory_xact_lock(hashtextextended('yardstick_api.bind_login ' || bind_login.login, 0));
    delete from yardstick.login_bindings as b
    where b.login_name = bind_login.login::text and (b.kind = 'bound' or bind_login.kind = 'bound');
    insert into yardstick.login_bindings as b (login_name, organization_id, kind)
    values (bind_login.login::text, bind_login.organization_id, bind_login.kind)
    on conflict do nothing;
end
$bind_login$;

comment on function yardstick_api.bind_login(name, uuid, text) is
'Ties a login to one organization for good (bound), or trusts it to name this one, or with null any, in each transaction (trusted). '
'YS001: another kind, or a bound login without organization. YS003: no such role or organization. YS005: the caller is '
'no DBA.';

grant execute on function yardstick_api.bind_login(name, uuid, text) to yardstick_dba;
