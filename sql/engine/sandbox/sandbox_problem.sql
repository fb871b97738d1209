-- Definer, with the engine's rights, so that a DBA and the doctor can ask.
create or replace function yardstick_engine.sandbox_problem()
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $sandbox_problem$
declare
    problem text := yardstick_engine.connect_sandbox();
begin
    if problem is null then
        perform yardstick_engine.disconnect_sandbox();
    end if;
    return problem;
end
$sandbox_problem$;

comment on function yardstick_engine.sandbox_problem() is
'Why queries and functions of metrics have no session of their own to run in, and what to do; null: they have one.';

grant execute on function yardstick_engine.sandbox_problem() to yardstick_dba;
