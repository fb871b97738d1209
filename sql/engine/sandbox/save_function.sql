-- Definer, with the engine's rights, which write rows of the platform too.
create or replace function yardstick_engine.save_function(function_given jsonb, organization_id uuid, user_id uuid)
returns uuid
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $save_function$
declare
    new_id uuid;
begin
    perform yardstick_engine.check_keys_of(function_given, '{
        "name": {"type": "name", "required": true},
        "routine": {"type": "text", "required": true, "max": 200}
    }', '');
    insert into yardstick.metric_functions (organization_id, function_name, routine, created_by)
    values (
        save_function.organization_id, function_given ->> 'name',
        yardstick_engine.require_routine('routine', function_given ->> 'routine'), user_id
    )
    on conflict on constraint functions_are_named_once do update
    set
        routine = excluded.routine,
        is_active = true
    returning id into new_id;
    return new_id;
end
$save_function$;

comment on function yardstick_engine.save_function(jsonb, uuid, uuid) is
'Makes or changes the function of this name of an organization, or with null of the platform, and returns its id.';

grant execute on function yardstick_engine.save_function(jsonb, uuid, uuid) to yardstick_owner;
