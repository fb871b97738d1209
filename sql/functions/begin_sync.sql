-- The lock puts the syncs of one organization in line: two upserts of one external id, or two moves in the department tree
-- that only together make a circle, would not see each other. Readers and foreign keys do not wait for it.
create or replace function yardstick.begin_sync(input jsonb, types jsonb)
returns uuid
language plpgsql
set search_path = pg_catalog, pg_temp
as $begin_sync$
declare
    organization uuid;
begin
    perform yardstick.check_keys(input, types);
    organization := yardstick.require_organization();
    perform from yardstick.organizations as o where o.id = organization for no key update;
    return organization;
end
$begin_sync$;

comment on function yardstick.begin_sync(jsonb, jsonb) is
'Checks the input of a sync, takes the turn of its organization and returns that organization.';
