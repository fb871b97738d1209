-- Rooms and roles come first: every later object is made by its owner and granted to nobody by default.
-- Roles belong to the cluster, so another database may have made them, or be making them now.
do $roles$
declare
    role_name text;
begin
    foreach role_name in array array[
        'yardstick_owner', 'yardstick_engine_role', 'yardstick_reader', 'yardstick_formula',
        'yardstick_dba', 'yardstick_app', 'yardstick_bi', 'yardstick_worker'
    ] loop
        begin
            execute format('create role %I nologin', role_name);
            if role_name = 'yardstick_worker' then
                execute format('alter role %I login', role_name);
            end if;
        exception when duplicate_object or unique_violation then
            null;
        end;
    end loop;
    if not pg_has_role('yardstick_engine_role', 'yardstick_reader', 'member') then
        begin
            execute 'grant yardstick_reader to yardstick_engine_role';
        exception when unique_violation then
            null;
        end;
    end if;
end
$roles$;

-- Without IN SCHEMA: with it a revoke of a right that comes from the global default does nothing.
alter default privileges for role yardstick_owner, yardstick_engine_role, yardstick_formula
revoke execute on functions from public;
alter default privileges for role yardstick_owner, yardstick_engine_role, yardstick_formula
revoke usage on types from public;

create extension if not exists plpython3u;

create schema yardstick authorization yardstick_owner;
create schema yardstick_engine authorization yardstick_engine_role;
create schema yardstick_stats;
create schema yardstick_api authorization yardstick_owner;
create schema yardstick_bi authorization yardstick_owner;
create schema yardstick_ops authorization yardstick_engine_role;

comment on schema yardstick is 'Data room: every table, and the functions a table cannot exist without.';
comment on schema yardstick_engine is 'Code room: compile, calculate, snapshot, alert and schedule.';
comment on schema yardstick_stats is 'Code room: arithmetic in PL/Python, pure functions of their arguments.';
comment on schema yardstick_api is 'Code room: the functions applications call.';
comment on schema yardstick_bi is 'Code room: the views BI tools read.';
comment on schema yardstick_ops is 'Code room: health, drift, job and cost views for the DBA.';

grant usage on schema yardstick to yardstick_engine_role;
grant usage on schema yardstick_engine to yardstick_owner, yardstick_worker;
grant usage on schema yardstick_stats to yardstick_owner, yardstick_engine_role;
grant usage on schema yardstick_api to yardstick_app, yardstick_dba, yardstick_worker;
grant usage on schema yardstick_bi to yardstick_bi;
grant usage on schema yardstick_ops to yardstick_dba, yardstick_worker;

-- The sandbox looks at an expression through a temporary view.
do $temporary$
begin
    execute format('grant temporary on database %I to yardstick_formula', current_database());
end
$temporary$;
