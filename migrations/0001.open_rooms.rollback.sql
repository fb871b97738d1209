-- Roles and the extension stay: other databases, or functions of somebody else, may be using them.
drop schema yardstick_ops;
drop schema yardstick_bi;
drop schema yardstick_api;
drop schema yardstick_stats;
drop schema yardstick_engine;

-- Functions of the data room outlive an unload; something of somebody else that leans on one stops this.
do $functions$
declare
    leftover regprocedure;
begin
    for leftover in
        select p.oid
        from pg_catalog.pg_proc as p
        where p.pronamespace = 'yardstick'::regnamespace
    loop
        execute format('drop routine %s', leftover);
    end loop;
end
$functions$;
drop schema yardstick;

alter default privileges for role yardstick_owner, yardstick_engine_role, yardstick_formula
grant usage on types to public;
alter default privileges for role yardstick_owner, yardstick_engine_role, yardstick_formula
grant execute on functions to public;

do $temporary$
begin
    execute format('revoke temporary on database %I from yardstick_formula', current_database());
end
$temporary$;
