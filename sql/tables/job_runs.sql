grant select, insert, update, delete on yardstick.job_runs to yardstick_engine_role;
