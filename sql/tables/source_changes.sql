-- Work of all organizations at once: no tenant reads it, and statistics of it show nothing to anybody else.
drop policy if exists engine on yardstick.source_changes;
create policy engine on yardstick.source_changes for all to yardstick_engine_role using (true) with check (true);

grant select, insert, update, delete on yardstick.source_changes to yardstick_engine_role;
