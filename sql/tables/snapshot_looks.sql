drop policy if exists tenant on yardstick.snapshot_looks;
create policy tenant on yardstick.snapshot_looks for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));

-- The engine works for every organization and names it in each of its statements.
drop policy if exists engine on yardstick.snapshot_looks;
create policy engine on yardstick.snapshot_looks for all to yardstick_engine_role using (true) with check (true);

grant select, insert, update, delete on yardstick.snapshot_looks to yardstick_engine_role;
