-- Takes the registered functions away. The role stays: other databases of the cluster may be using it.
-- depends: 0014.extend_measures
set local role yardstick_owner;
alter table yardstick.job_home drop column socket_folder;
drop table yardstick.sandbox_attempts;
drop table yardstick.metric_functions;
reset role;
revoke usage on schema yardstick_engine from yardstick_formula_login, yardstick_reader;
revoke usage on schema yardstick from yardstick_formula;

do $temporary$
begin
    execute format('revoke temporary on database %I from yardstick_reader, yardstick_engine_role', current_database());
end
$temporary$;
