-- Called where jobs are registered, which is the only moment that says "here".
create or replace function yardstick_engine.record_job_home()
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $record_job_home$
    insert into yardstick.job_home as h (id, system_identifier, database_name)
    select 1, c.system_identifier, current_database()
    from pg_control_system() as c
    on conflict (id) do update
    set
        system_identifier = excluded.system_identifier,
        database_name = excluded.database_name,
        registered_at = clock_timestamp()
    where (h.system_identifier, h.database_name) is distinct from (excluded.system_identifier, excluded.database_name)
$record_job_home$;

comment on function yardstick_engine.record_job_home() is
'Remembers this cluster and database as the one whose jobs may run; a copy that is restored elsewhere refuses until it is deployed to.';
