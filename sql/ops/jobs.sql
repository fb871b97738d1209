create or replace view yardstick_ops.jobs as
with

jobs as (

    select job_name, schedule, command, description, is_active
    from yardstick.jobs

)

select
    jobs.job_name,
    jobs.description,
    jobs.schedule,
    jobs.command,
    jobs.is_active,
    latest.status as last_status,
    latest.started_at as last_started_at,
    latest.finished_at as last_finished_at,
    latest.message as last_message,
    day.last_succeeded_at,
    day.run_count,
    day.failure_count
from jobs
left join lateral (
    select r.status, r.started_at, r.finished_at, r.message
    from yardstick.job_runs as r
    where r.job_name = jobs.job_name
    order by r.started_at desc
    limit 1
) as latest on true
left join lateral (
    select
        max(r.finished_at) filter (where r.status = 'succeeded') as last_succeeded_at,
        count(*) as run_count,
        count(*) filter (where r.status in ('failed', 'abandoned')) as failure_count
    from yardstick.job_runs as r
    where r.job_name = jobs.job_name and r.started_at > now() - interval '1 day'
) as day on true;

comment on view yardstick_ops.jobs is 'One row per job, with its last run and its last 24 hours.';
comment on column yardstick_ops.jobs.job_name is 'Name of the job.';
comment on column yardstick_ops.jobs.description is 'What it does.';
comment on column yardstick_ops.jobs.schedule is 'When pg_cron calls it, as a cron expression in GMT.';
comment on column yardstick_ops.jobs.command is 'What is called.';
comment on column yardstick_ops.jobs.is_active is 'False: not called.';
comment on column yardstick_ops.jobs.last_status is 'running, succeeded, failed or abandoned; null: it never ran.';
comment on column yardstick_ops.jobs.last_started_at is 'When the last run began; null: it never ran.';
comment on column yardstick_ops.jobs.last_finished_at is 'When the last run ended; null: it never ran, or runs.';
comment on column yardstick_ops.jobs.last_message is 'What the last run had to say; null: nothing.';
comment on column yardstick_ops.jobs.last_succeeded_at is 'End of the last good run of the past 24 hours; null: there is none.';
comment on column yardstick_ops.jobs.run_count is 'Runs of the past 24 hours.';
comment on column yardstick_ops.jobs.failure_count is 'Failed and abandoned runs of the past 24 hours.';

grant select on yardstick_ops.jobs to yardstick_dba, yardstick_worker;
