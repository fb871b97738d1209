-- The server undoes what an ended session has left open. What still runs there is cancelled first: it would go on else.
create or replace function yardstick_engine.disconnect_sandbox()
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $disconnect_sandbox$
declare
    dblink  text := yardstick_engine.dblink_schema();
    is_open boolean;
    is_busy integer;
begin
    if dblink is null then
        return;
    end if;
    execute format('select ''yardstick_sandbox'' = any (%s.dblink_get_connections())', dblink) into is_open;
    if is_open then
        execute format('select %s.dblink_is_busy(''yardstick_sandbox'')', dblink) into is_busy;
        if is_busy = 1 then
            execute format('select %s.dblink_cancel_query(''yardstick_sandbox'')', dblink);
        end if;
        execute format('select %s.dblink_disconnect(''yardstick_sandbox'')', dblink);
    end if;
end
$disconnect_sandbox$;

comment on function yardstick_engine.disconnect_sandbox() is
'Ends the session of the sandbox that this session has opened, if there is one.';
