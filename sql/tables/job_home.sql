grant select, insert, update, delete on yardstick.job_home to yardstick_engine_role;
