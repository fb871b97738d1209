-- Definer, with the engine's rights: the worker itself has no right on any table.
-- A restored copy carries the schedule of its original: it must not do that one's work a second time.
-- The lock belongs to the session, for a run commits many times. Whoever can take the lock of another run knows it is dead.
create or replace function yardstick_engine.start_job_run(job_name text)
returns uuid
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $start_job_run$
declare
    home   yardstick.job_home;
    stale  record;
    run_id uuid;
begin
    if not exists (select from yardstick.jobs as j where j.job_name = start_job_run.job_name) then
        raise exception using
            errcode = 'YS003',
            message = format('there is no job named "%s"; yardstick_ops.jobs lists them', left(start_job_run.job_name, 60));
    end if;
    select h.* into home from yardstick.job_home as h;
    if home.system_identifier is distinct from (select c.system_identifier from pg_control_system() as c)
        or home.database_name is distinct from current_database()
    then
        raise exception using
            errcode = 'YS005',
            message = format(
                'jobs were registered for database "%s" of another place than this one: run a deploy here to make this database their home',
                coalesce(home.database_name, 'none')
            );
    end if;
    if not pg_try_advisory_lock(7919002, hashtext(start_job_run.job_name)) then
        return null;
    end if;

    for stale in
        select r.id, r.job_name from yardstick.job_runs as r where r.status = 'running'
    loop
        if pg_try_advisory_lock(7919002, hashtext(stale.job_name)) then
            update yardstick.job_runs as r
            set
                status = 'abandoned',
                -- The clock may have been set back since.
                finished_at = greatest(clock_timestamp(), r.started_at),
                message = 'ended without a result: its session was stopped or lost'
            where r.id = stale.id and r.status = 'running';
            perform pg_advisory_unlock(7919002, hashtext(stale.job_name));
        end if;
    end loop;

    insert into yardstick.job_runs as r (job_name, backend_pid)
    values (start_job_run.job_name, pg_backend_pid())
    returning r.id into run_id;
    return run_id;
end
$start_job_run$;

comment on function yardstick_engine.start_job_run(text) is
'Records that a job starts and returns the run, or null when that job is already running; runs whose session is gone '
'become abandoned. YS003: no such job. YS005: this database is not the home of the jobs.';

grant execute on function yardstick_engine.start_job_run(text) to yardstick_worker, yardstick_dba;
