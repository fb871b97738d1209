grant select, insert, update, delete on yardstick.jobs to yardstick_engine_role;
