-- Work of all organizations at once: no tenant reads it.
grant select, insert, update, delete on yardstick.capture_gaps to yardstick_engine_role;
