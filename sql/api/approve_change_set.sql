-- Definer, with the owner's rights, under the policies of the login.
create or replace function yardstick_api.approve_change_set(
    metric_names text[],
    content_hash text,
    gate         text,
    note         text default null
)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $approve_change_set$
begin
    return yardstick_engine.give_gates(
        yardstick.defining_organization(), yardstick.current_user_id(), approve_change_set.metric_names, approve_change_set.content_hash,
        approve_change_set.gate, approve_change_set.note
    );
end
$approve_change_set$;

comment on function yardstick_api.approve_change_set(text[], text, text, text) is
'Gives a gate of the versions in review of several metrics, all or none, as long as they are what content_hash (see change_set) was made of; '
'returns how many metrics serve now. Errors as approve_metric, and YS007: they have changed since.';

grant execute on function yardstick_api.approve_change_set(text[], text, text, text) to yardstick_app, yardstick_dba, yardstick_worker;
