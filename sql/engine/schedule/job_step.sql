-- Definer, with the engine's rights: the one door through which the worker's jobs reach them.
create or replace function yardstick_engine.job_step(job_name text, as_of timestamptz, progress jsonb)
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
as $job_step$
begin
    case job_step.job_name
        when 'calculate' then
            return yardstick_engine.calculate_step(job_step.as_of, job_step.progress);
        when 'alerts' then
            return yardstick_engine.check_alerts(job_step.as_of);
        when 'snapshots' then
            return yardstick_engine.snapshot_step(job_step.as_of, job_step.progress);
        when 'retention' then
            return yardstick_engine.retention_step(job_step.as_of, job_step.progress);
        when 'maintenance' then
            return yardstick_engine.maintenance_step(job_step.as_of, job_step.progress);
    end case;
end
$job_step$;

comment on function yardstick_engine.job_step(text, timestamptz, jsonb) is
'Does the next piece of a job and returns its progress, with is_done when nothing is left; starts from {}.';

grant execute on function yardstick_engine.job_step(text, timestamptz, jsonb) to yardstick_worker, yardstick_dba;
