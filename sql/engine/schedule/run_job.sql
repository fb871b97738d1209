-- Runs as its caller and sets nothing, because it commits; every name and type in it is qualified.
-- Each step is a transaction. An error undoes that step alone and is written down; nothing is tried again in the same call,
-- for the timer of a call fires once, and after a cancel nothing would limit the rest.
create or replace procedure yardstick_engine.run_job(
    job_name pg_catalog.text,
    as_of    pg_catalog.timestamptz default pg_catalog.now()
)
language plpgsql
as $run_job$
declare
    deadline   pg_catalog.timestamptz := pg_catalog.clock_timestamp() operator(pg_catalog.+) '50 seconds'::pg_catalog.interval;
    progress   pg_catalog.jsonb := '{}';
    run_id     pg_catalog.uuid;
    error_code pg_catalog.text;
    message    pg_catalog.text;
    noted_at   pg_catalog.timestamptz := '-infinity';
begin
    run_id := yardstick_engine.start_job_run(run_job.job_name);
    commit;
    if run_id is null then
        raise notice 'job % is already running', run_job.job_name;
        return;
    end if;

    loop
        begin
            progress := yardstick_engine.job_step(run_job.job_name, run_job.as_of, progress);
            if pg_catalog.clock_timestamp() operator(pg_catalog.>) (noted_at operator(pg_catalog.+) '1 second'::pg_catalog.interval) then
                perform yardstick_engine.note_progress(run_id, progress);
                noted_at := pg_catalog.clock_timestamp();
            end if;
        exception
            when query_canceled or others then
                get stacked diagnostics error_code = returned_sqlstate, message = message_text;
        end;
        commit;
        exit when error_code is not null
            or progress operator(pg_catalog.?) 'is_done'
            or pg_catalog.clock_timestamp() operator(pg_catalog.>) deadline;
    end loop;

    perform yardstick_engine.finish_job_run(run_id, progress, error_code, message);
    commit;
end
$run_job$;

comment on procedure yardstick_engine.run_job(text, timestamptz) is
'Runs a job of yardstick.jobs once and records the run; does nothing when it is already running, and returns after 50 s'
' at the latest, leaving the rest to the next run. CALL it at the top level.';

grant execute on procedure yardstick_engine.run_job(text, timestamptz) to yardstick_worker, yardstick_dba;
grant usage on schema yardstick_engine to yardstick_dba;
