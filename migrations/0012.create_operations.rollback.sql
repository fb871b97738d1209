-- Takes jobs, job_runs, login_bindings, context_keys, code_files away with all rows:
-- restore them from a backup if they were wanted.
-- depends: 0011.create_reports
set local role yardstick_owner;
drop table yardstick.code_files;
drop table yardstick.context_keys;
drop table yardstick.login_bindings;
drop table yardstick.job_runs;
drop table yardstick.jobs;
