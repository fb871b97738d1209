-- The deploy writes it; drift reads it.
grant select on yardstick.code_files to yardstick_engine_role;
