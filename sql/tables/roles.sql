drop policy if exists tenant on yardstick.roles;
create policy tenant on yardstick.roles for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));

-- For select alone: an organization reads what the platform offers, and changes none of it.
drop policy if exists platform on yardstick.roles;
create policy platform on yardstick.roles for select to yardstick_owner using (organization_id is null);

-- The engine works for every organization and names it in each of its statements.
drop policy if exists engine on yardstick.roles;
create policy engine on yardstick.roles for all to yardstick_engine_role using (true) with check (true);

grant select, insert, update, delete on yardstick.roles to yardstick_engine_role;

drop trigger if exists touch_updated_at on yardstick.roles;
create trigger touch_updated_at
before update on yardstick.roles
for each row execute function yardstick.touch_updated_at();
