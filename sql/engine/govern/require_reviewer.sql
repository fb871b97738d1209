create or replace function yardstick_engine.require_reviewer(organization_id uuid, user_id uuid, what text)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $require_reviewer$
begin
    if cardinality(yardstick.required_gates(require_reviewer.organization_id)) = 0 then
        return;
    end if;
    if require_reviewer.organization_id is null then
        if not pg_has_role(session_user, 'yardstick_dba', 'member') then
            raise exception using errcode = 'YS005', message = format('%s a metric of the platform takes a DBA', what);
        end if;
    elsif not exists (
        select
        from yardstick.role_members as m
        inner join yardstick.roles as r on m.role_id = r.id and r.is_active and cardinality(r.may_approve) > 0
        inner join yardstick.users as u on m.user_id = u.id and u.is_active
        where m.organization_id = require_reviewer.organization_id and m.user_id = require_reviewer.user_id
    ) then
        raise exception using
            errcode = 'YS005',
            message = format('%s a metric takes a person whose role may approve; name one in yardstick_api.use_organization', what);
    end if;
end
$require_reviewer$;

comment on function yardstick_engine.require_reviewer(uuid, uuid, text) is
'Refuses (YS005) who may not decide about metrics of an organization, or with null of the platform; what: what is being done, for the message.';
