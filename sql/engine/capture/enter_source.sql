-- Definer, with the engine's rights, which are also those that will read the relation.
create or replace function yardstick_engine.enter_source(source jsonb)
returns uuid
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $enter_source$
    select yardstick_engine.save_source(enter_source.source, yardstick.current_organization(), yardstick.current_user_id())
$enter_source$;

comment on function yardstick_engine.enter_source(jsonb) is
'Saves a source for the chosen organization, or for the platform when none is chosen, and returns its id.';
revoke execute on function yardstick_engine.enter_source(jsonb) from public;
grant execute on function yardstick_engine.enter_source(jsonb) to yardstick_dba;
