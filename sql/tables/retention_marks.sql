drop policy if exists tenant on yardstick.retention_marks;
create policy tenant on yardstick.retention_marks for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));

-- The engine works for every organization and names it in each of its statements.
drop policy if exists engine on yardstick.retention_marks;
create policy engine on yardstick.retention_marks for all to yardstick_engine_role using (true) with check (true);

grant select, insert, update, delete on yardstick.retention_marks to yardstick_engine_role;
