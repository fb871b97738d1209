-- Work of all organizations at once: no tenant reads it.
grant select, insert, update, delete on yardstick.postponed_weeks to yardstick_engine_role;
