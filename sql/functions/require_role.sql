create or replace function yardstick.require_role(path text, key text)
returns uuid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $require_role$
declare
    role_id uuid := yardstick.find_row('roles', key);
begin
    if role_id is null then
        select r.id into role_id
        from yardstick.roles as r
        where r.role_name = key
        order by r.organization_id nulls last
        limit 1;
    end if;
    if role_id is null then
        raise exception using
            errcode = 'YS003',
            message = format('%s: unknown role "%s"; give its id, external_id or role_name, and sync it first', path, coalesce(key, 'null'));
    end if;
    return role_id;
end
$require_role$;

comment on function yardstick.require_role(text, text) is
'Id of the role of this organization, or of the platform, with this id, external id or name; an unknown one is refused (YS003).';
