drop policy if exists tenant on yardstick.teams;
create policy tenant on yardstick.teams for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));

-- The engine works for every organization and names it in each of its statements.
drop policy if exists engine on yardstick.teams;
create policy engine on yardstick.teams for all to yardstick_engine_role using (true) with check (true);

grant select, insert, update, delete on yardstick.teams to yardstick_engine_role;

drop trigger if exists touch_updated_at on yardstick.teams;
create trigger touch_updated_at
before update on yardstick.teams
for each row execute function yardstick.touch_updated_at();

drop trigger if exists keep_within_organization on yardstick.teams;
create trigger keep_within_organization
before insert or update of organization_id, department_id on yardstick.teams
for each row execute function yardstick.keep_within_organization('department_id', 'departments');
