-- Definer, with the engine's rights: the worker itself has no right on any table.
create or replace function yardstick_engine.finish_job_run(run_id uuid, progress jsonb, error_code text, message text)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $finish_job_run$
declare
    finished yardstick.job_runs;
begin
    update yardstick.job_runs as r
    set
        status = case when finish_job_run.error_code is null then 'succeeded' else 'failed' end,
        -- The clock may have been set back meanwhile.
        finished_at = greatest(clock_timestamp(), r.started_at),
        progress = yardstick_engine.progress_shown(r.job_name, finish_job_run.progress) - array['is_done', 'is_queued', 'is_planned', 'organization_id'],
        error_code = finish_job_run.error_code,
        -- Never DETAIL or CONTEXT: they show data.
        message = left(finish_job_run.message, 500)
    where r.id = finish_job_run.run_id
    returning r.* into finished;
    perform pg_advisory_unlock(7919002, hashtext(finished.job_name));
end
$finish_job_run$;

comment on function yardstick_engine.finish_job_run(uuid, jsonb, text, text) is
'Records how a run of a job ended (error_code null: it succeeded) and lets the next one start.';

grant execute on function yardstick_engine.finish_job_run(uuid, jsonb, text, text) to yardstick_worker, yardstick_dba;
