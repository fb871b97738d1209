-- Definer, with the engine's rights: a login looks for an organization before it is allowed to see one.
create or replace function yardstick_engine.find_organization(organization_id uuid, external_id text)
returns uuid
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $find_organization$
    select o.id
    from yardstick.organizations as o
    where
        o.id = find_organization.organization_id
        or (find_organization.organization_id is null and o.external_id = find_organization.external_id)
$find_organization$;

comment on function yardstick_engine.find_organization(uuid, text) is
'Id of the organization with this id or, when no id is given, this external id; null: there is none.';

grant execute on function yardstick_engine.find_organization(uuid, text) to yardstick_owner;
