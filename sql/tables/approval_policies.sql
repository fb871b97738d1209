drop policy if exists tenant on yardstick.approval_policies;
create policy tenant on yardstick.approval_policies for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));

drop policy if exists platform on yardstick.approval_policies;
create policy platform on yardstick.approval_policies for select to yardstick_owner using (organization_id is null);

-- The engine works for every organization and names it in each of its statements.
drop policy if exists engine on yardstick.approval_policies;
create policy engine on yardstick.approval_policies for all to yardstick_engine_role using (true) with check (true);

grant select, insert, update, delete on yardstick.approval_policies to yardstick_engine_role;

drop trigger if exists audit_insert on yardstick.approval_policies;
create trigger audit_insert
after insert on yardstick.approval_policies
referencing new table as new_rows
for each statement execute function yardstick.audit_rows('approval_policy', 'id');

drop trigger if exists audit_update on yardstick.approval_policies;
create trigger audit_update
after update on yardstick.approval_policies
referencing old table as old_rows new table as new_rows
for each statement execute function yardstick.audit_rows('approval_policy', 'id');

drop trigger if exists audit_delete on yardstick.approval_policies;
create trigger audit_delete
after delete on yardstick.approval_policies
referencing old table as old_rows
for each statement execute function yardstick.audit_rows('approval_policy', 'id');

drop trigger if exists audit_truncate on yardstick.approval_policies;
create trigger audit_truncate
after truncate on yardstick.approval_policies
for each statement execute function yardstick.audit_rows('approval_policy', 'id');
