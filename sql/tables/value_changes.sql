-- Work of all organizations at once: no tenant reads it, and statistics of it show nothing to anybody else.
drop policy if exists engine on yardstick.value_changes;
create policy engine on yardstick.value_changes for all to yardstick_engine_role using (true) with check (true);

grant select, insert, update, delete on yardstick.value_changes to yardstick_engine_role;
