-- Work of all organizations at once: no tenant reads it.
grant select, insert, update, delete on yardstick.source_changes to yardstick_engine_role;
