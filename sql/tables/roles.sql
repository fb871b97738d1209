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

drop trigger if exists audit_insert on yardstick.roles;
create trigger audit_insert
after insert on yardstick.roles
referencing new table as new_rows
for each statement execute function yardstick.audit_rows('role', 'id', 'updated_at');

drop trigger if exists audit_update on yardstick.roles;
create trigger audit_update
after update on yardstick.roles
referencing old table as old_rows new table as new_rows
for each statement execute function yardstick.audit_rows('role', 'id', 'updated_at');

drop trigger if exists audit_delete on yardstick.roles;
create trigger audit_delete
after delete on yardstick.roles
referencing old table as old_rows
for each statement execute function yardstick.audit_rows('role', 'id', 'updated_at');

drop trigger if exists audit_truncate on yardstick.roles;
create trigger audit_truncate
after truncate on yardstick.roles
for each statement execute function yardstick.audit_rows('role', 'id', 'updated_at');
