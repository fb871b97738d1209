-- With the rights of the caller, as register_source: the triggers on the host's table are the DBA's to drop.
create or replace function yardstick_api.retire_source(source_name text)
returns uuid
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $retire_source$
declare
    source_id uuid;
begin
    if not pg_has_role(session_user, 'yardstick_dba', 'member') then
        raise exception using errcode = 'YS005', message = 'only a member of yardstick_dba retires sources';
    end if;
    source_id := yardstick_engine.leave_source(retire_source.source_name);
    perform yardstick_engine.place_capture(source_id);
    return source_id;
end
$retire_source$;

comment on function yardstick_api.retire_source(text) is
'Ends the use of a source of the chosen organization, or of the platform when none is chosen, and returns its id; its triggers go, or the notice says what their table''s owner has to type. register_source takes it up again. '
'YS003: no such source. YS005: the caller is no DBA. YS007: metrics read it, which are named.';

grant execute on function yardstick_api.retire_source(text) to yardstick_dba;
