begin;
\ir ../two_organizations.psql
select plan(4);
insert into yardstick.jobs (job_name, schedule, command, description) values ('tap_job', '* * * * *', 'select 1', 'Nothing.');
insert into yardstick.job_runs (job_name, started_at, finished_at, status, message)
values
('tap_job', now() - interval '3 minutes', now() - interval '2 minutes', 'succeeded', 'done'),
('tap_job', now() - interval '1 minute', now(), 'failed', 'broken'), ('tap_job', now() - interval '2 days', now(), 'failed', 'old');

select is(
    pg_temp.as_login('tap_dba', $$
        select concat_ws(' ', last_status, last_message, run_count, failure_count, now() - last_succeeded_at)
        from yardstick_ops.jobs where job_name = 'tap_job'
    $$), 'failed broken 2 1 00:02:00', 'shows the last run and the last 24 hours'
);
select is(
    pg_temp.as_login('tap_dba', $$select string_agg(run_seconds::text, ' ' order by started_at desc) from yardstick_ops.job_runs where job_name = 'tap_job' and status = 'succeeded'$$),
    '60', 'shows each run'
);
select matches(
    pg_temp.as_login('tap_dba', $$select detail from yardstick_ops.health where check_name = 'jobs: none failed in its last run'$$),
    'tap_job: broken', 'makes health say so'
);
select is(pg_temp.as_login('tap_acme_app', 'select count(*) from yardstick_ops.jobs'), '42501 permission denied for schema yardstick_ops', 'is not for applications');
select * from finish();
rollback;
