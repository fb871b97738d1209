drop policy if exists tenant on yardstick.departments;
create policy tenant on yardstick.departments for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));

-- The engine works for every organization and names it in each of its statements.
drop policy if exists engine on yardstick.departments;
create policy engine on yardstick.departments for all to yardstick_engine_role using (true) with check (true);

grant select, insert, update, delete on yardstick.departments to yardstick_engine_role;

drop trigger if exists touch_updated_at on yardstick.departments;
create trigger touch_updated_at
before update on yardstick.departments
for each row execute function yardstick.touch_updated_at();

drop trigger if exists keep_departments_a_tree on yardstick.departments;
create trigger keep_departments_a_tree
before insert or update of parent_department_id on yardstick.departments
for each row execute function yardstick.keep_departments_a_tree();

drop trigger if exists keep_within_organization on yardstick.departments;
create trigger keep_within_organization
before insert or update of organization_id, parent_department_id on yardstick.departments
for each row execute function yardstick.keep_within_organization('parent_department_id', 'departments');
