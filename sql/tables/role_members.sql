drop policy if exists tenant on yardstick.role_members;
create policy tenant on yardstick.role_members for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));

-- The engine works for every organization and names it in each of its statements.
drop policy if exists engine on yardstick.role_members;
create policy engine on yardstick.role_members for all to yardstick_engine_role using (true) with check (true);

grant select, insert, update, delete on yardstick.role_members to yardstick_engine_role;

drop trigger if exists keep_within_organization on yardstick.role_members;
create trigger keep_within_organization
before insert or update of organization_id, role_id, user_id on yardstick.role_members
for each row execute function yardstick.keep_within_organization('role_id', 'roles', 'user_id', 'users');

drop trigger if exists audit_insert on yardstick.role_members;
create trigger audit_insert
after insert on yardstick.role_members
referencing new table as new_rows
for each statement execute function yardstick.audit_rows('role_member', 'id');

drop trigger if exists audit_update on yardstick.role_members;
create trigger audit_update
after update on yardstick.role_members
referencing old table as old_rows new table as new_rows
for each statement execute function yardstick.audit_rows('role_member', 'id');

drop trigger if exists audit_delete on yardstick.role_members;
create trigger audit_delete
after delete on yardstick.role_members
referencing old table as old_rows
for each statement execute function yardstick.audit_rows('role_member', 'id');

drop trigger if exists audit_truncate on yardstick.role_members;
create trigger audit_truncate
after truncate on yardstick.role_members
for each statement execute function yardstick.audit_rows('role_member', 'id');
