-- A hold is set by whoever answers for the definitions, also where an organization needs no approvals.
create or replace function yardstick_engine.require_holder(organization_id uuid, user_id uuid)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $require_holder$
begin
    if pg_has_role(session_user, 'yardstick_dba', 'member') then
        return;
    end if;
    if require_holder.organization_id is null or not exists (
        select
        from yardstick.role_members as m
        inner join yardstick.roles as r on m.role_id = r.id and r.is_active and cardinality(r.may_approve) > 0
        inner join yardstick.users as u on m.user_id = u.id and u.is_active
        where m.organization_id = require_holder.organization_id and m.user_id = require_holder.user_id
    ) then
        raise exception using
            errcode = 'YS005',
            message = 'a legal hold takes a DBA, or for one organization a person whose role may approve; name one in yardstick_api.use_organization';
    end if;
end
$require_holder$;

comment on function yardstick_engine.require_holder(uuid, uuid) is
'Refuses (YS005) who may not set or release a legal hold on an organization, or with null on all.';
