-- The row is written, and so locked, also where it stands: a planner that has just looked by the former calendar or tree deletes it, and
-- this one has to stay.
create or replace function yardstick_engine.reach_for_organization(organization_id uuid, source_id uuid, cause text)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $reach_for_organization$
declare
    waiting constant text := reach_for_organization.cause || '_locked';
    error_text text;
begin
    -- Whoever syncs a thousand departments waits once.
    if not exists (
        select from yardstick.metric_refreshes as r
        where r.organization_id = reach_for_organization.organization_id and r.source_id = reach_for_organization.source_id
            and r.refresh_frequency = waiting
    ) then
        begin
            perform yardstick_engine.reach_source(reach_for_organization.source_id);
            return true;
        exception when lock_not_available then
            error_text := sqlerrm;
        end;
    end if;

    insert into yardstick.metric_refreshes as r (organization_id, source_id, refresh_frequency, refreshed_to)
    values (reach_for_organization.organization_id, reach_for_organization.source_id, waiting, clock_timestamp())
    on conflict on constraint metric_refreshes_pkey do update
    set refreshed_to = r.refreshed_to;
    if error_text is not null then
        raise notice using
            message = error_text, hint = 'What it has of the organization is calculated by the first tick that can read it; nothing is to be done again.';
    end if;
    return false;
end
$reach_for_organization$;

comment on function yardstick_engine.reach_for_organization(uuid, uuid, text) is
'Locks a source for reading, as reach_source does; where another session keeps it locked, or did a moment ago, false: it is noted that the organization, whose calendar or tree (cause calendar or org_move) changed, has to be looked for in it, and the caller is told.';
