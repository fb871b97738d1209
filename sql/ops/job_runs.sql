create or replace view yardstick_ops.job_runs as
select
    r.id as run_id,
    r.job_name,
    r.status,
    r.started_at,
    r.finished_at,
    extract(epoch from coalesce(r.finished_at, clock_timestamp()) - r.started_at)::float8 as run_seconds,
    r.progress,
    r.message,
    r.error_code,
    r.backend_pid
from yardstick.job_runs as r;

comment on view yardstick_ops.job_runs is 'One row per run of a job.';
comment on column yardstick_ops.job_runs.run_id is 'Identifier of the run.';
comment on column yardstick_ops.job_runs.job_name is 'Job that ran; joins to jobs.';
comment on column yardstick_ops.job_runs.status is 'running, succeeded, failed or abandoned (cut off, found by a later run).';
comment on column yardstick_ops.job_runs.started_at is 'When it began.';
comment on column yardstick_ops.job_runs.finished_at is 'When it ended; null: it runs, or was cut off and not yet found.';
comment on column yardstick_ops.job_runs.run_seconds is 'Seconds it took, or has taken so far.';
comment on column yardstick_ops.job_runs.progress is 'What it has done so far, in numbers, written once a second while it runs; calculate: slices and rows done, what was done last, and what is left.';
comment on column yardstick_ops.job_runs.message is 'What it had to say; null: nothing.';
comment on column yardstick_ops.job_runs.error_code is 'SQLSTATE it failed with; null: it did not fail.';
comment on column yardstick_ops.job_runs.backend_pid is 'Process of the server that ran it.';

grant select on yardstick_ops.job_runs to yardstick_dba, yardstick_worker;
