drop policy if exists tenant on yardstick.organizations;
create policy tenant on yardstick.organizations for all to yardstick_owner
using (id = (select yardstick.current_organization()))
with check (id = (select yardstick.current_organization()));

-- The engine works for every organization and names it in each of its statements.
drop policy if exists engine on yardstick.organizations;
create policy engine on yardstick.organizations for all to yardstick_engine_role using (true) with check (true);

grant select, insert, update, delete on yardstick.organizations to yardstick_engine_role;

drop trigger if exists touch_updated_at on yardstick.organizations;
create trigger touch_updated_at
before update on yardstick.organizations
for each row execute function yardstick.touch_updated_at();

drop trigger if exists check_timezone on yardstick.organizations;
create trigger check_timezone
before insert or update of timezone on yardstick.organizations
for each row execute function yardstick.check_timezone();

drop trigger if exists audit_insert on yardstick.organizations;
create trigger audit_insert
after insert on yardstick.organizations
referencing new table as new_rows
for each statement execute function yardstick.audit_rows('organization', 'id', 'updated_at');

drop trigger if exists audit_update on yardstick.organizations;
create trigger audit_update
after update on yardstick.organizations
referencing old table as old_rows new table as new_rows
for each statement execute function yardstick.audit_rows('organization', 'id', 'updated_at');

drop trigger if exists audit_delete on yardstick.organizations;
create trigger audit_delete
after delete on yardstick.organizations
referencing old table as old_rows
for each statement execute function yardstick.audit_rows('organization', 'id', 'updated_at');

drop trigger if exists audit_truncate on yardstick.organizations;
create trigger audit_truncate
after truncate on yardstick.organizations
for each statement execute function yardstick.audit_rows('organization', 'id', 'updated_at');
