create or replace function yardstick.check_scope(
    level text,
    id    uuid
)
returns uuid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $check_scope$
declare
    organization constant uuid := yardstick.require_organization();
    is_known     boolean;
begin
    if check_scope.level = 'org' then
        if check_scope.id <> organization then
            raise exception using errcode = 'YS003',
                message = format('id: unknown organization %s: at level org leave id null for the organization chosen', check_scope.id);
        end if;
        return organization;
    end if;

    if check_scope.id is null then
        raise exception using errcode = 'YS001',
            message = format('id: is missing: name the %s whose value is meant', check_scope.level);
    end if;
    -- Read under the tenant policies: what another organization has is unknown here.
    is_known := case check_scope.level
        when 'dept' then exists (select from yardstick.departments as d where d.id = check_scope.id)
        when 'team' then exists (select from yardstick.teams as t where t.id = check_scope.id)
        else exists (select from yardstick.users as u where u.id = check_scope.id)
    end;
    if not is_known then
        raise exception using errcode = 'YS003', message = format('id: unknown %s %s', check_scope.level, check_scope.id);
    end if;
    return check_scope.id;
end
$check_scope$;

comment on function yardstick.check_scope(text, uuid) is
'Id of the scope a caller means by a level (org, dept, team, user) and an id, null at level org being the organization chosen. YS001: the id is missing. YS003: this organization has no such scope.';
