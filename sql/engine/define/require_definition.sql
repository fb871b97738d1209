-- In the order of the validation report, so that what is refused first stands first there.
create or replace function yardstick_engine.require_definition(definition jsonb, organization_id uuid)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $require_definition$
declare
    problem text;
begin
    select c.detail into problem
    from yardstick_engine.check_definition(definition) as c
    where not c.passed
    limit 1;
    if found then
        raise exception using errcode = 'YS001', message = problem;
    end if;
    if definition ->> 'owner_id' is not null and not exists (
        select from yardstick.users as u
        where u.id = (definition ->> 'owner_id')::uuid
            and (require_definition.organization_id is null or u.organization_id = require_definition.organization_id)
    ) then
        raise exception using
            errcode = 'YS003', message = format('owner_id: unknown user %s; sync the user first', definition ->> 'owner_id');
    end if;
end
$require_definition$;

comment on function yardstick_engine.require_definition(jsonb, uuid) is
'Refuses a definition that is wrong by itself (YS001) or whose owner is unknown (YS003), with the path of the key.';
