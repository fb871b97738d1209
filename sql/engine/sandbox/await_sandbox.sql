-- dblink itself waits without looking at a cancel or a timeout of this session: so it is asked whether it would have to.
-- Most answers come at once; asking again costs less than the shortest sleep.
create or replace function yardstick_engine.await_sandbox(dblink text, deadline timestamptz)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $await_sandbox$
declare
    question text := format('select %s.dblink_is_busy(''yardstick_sandbox'')', await_sandbox.dblink);
    is_busy  integer;
    asked    integer := 0;
begin
    loop
        execute question into is_busy;
        if is_busy = 0 then
            return true;
        end if;
        if clock_timestamp() >= await_sandbox.deadline then
            return false;
        end if;
        asked := asked + 1;
        if asked > 40 then
            perform pg_sleep(least((asked - 40) * 0.001, 0.02));
        end if;
    end loop;
end
$await_sandbox$;

comment on function yardstick_engine.await_sandbox(text, timestamptz) is
'Waits for the answer to what was sent to the session of the sandbox, given the schema of dblink: true when it is there, false at the deadline.';
