-- Definer, with the owner's rights: only the owner reads the bindings and signs the context. A login that does not serve
-- every organization cannot tell one that it does not serve from one that does not exist.
create or replace function yardstick_api.use_organization(organization_id uuid, user_id uuid default null)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $use_organization$
begin
    if not yardstick.serves_every_organization() and not exists (
        select
        from yardstick.login_bindings as b
        where b.login_name = session_user::text and b.organization_id = use_organization.organization_id
    ) then
        raise exception using
            errcode = 'YS005',
            message = format(
                'login "%s" does not serve organization %s; a DBA allows it with yardstick_api.bind_login(login, organization_id, ''trusted'')',
                session_user, coalesce(use_organization.organization_id::text, 'null')
            );
    end if;

    perform yardstick.choose_organization(use_organization.organization_id, use_organization.user_id);
    if not exists (select from yardstick.organizations as o where o.id = use_organization.organization_id) then
        raise exception using
            errcode = 'YS003', message = format('unknown organization %s', coalesce(use_organization.organization_id::text, 'null'));
    end if;
    if use_organization.user_id is not null and not exists (
        select
        from yardstick.users as u
        where u.id = use_organization.user_id and u.organization_id = use_organization.organization_id and u.is_active
    ) then
        raise exception using errcode = 'YS003', message = format('unknown or inactive user %s', use_organization.user_id);
    end if;
end
$use_organization$;

comment on function yardstick_api.use_organization(uuid, uuid) is
'Names the organization, and the person, for whom the rest of this transaction works; call it once in each transaction. '
'YS003: no such organization, or no such active user of it. YS005: the login does not serve it.';

grant execute on function yardstick_api.use_organization(uuid, uuid) to yardstick_app, yardstick_dba, yardstick_worker;
