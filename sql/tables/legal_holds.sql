drop policy if exists tenant on yardstick.legal_holds;
create policy tenant on yardstick.legal_holds for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));

drop policy if exists platform on yardstick.legal_holds;
create policy platform on yardstick.legal_holds for select to yardstick_owner using (organization_id is null);

-- The engine works for every organization and names it in each of its statements.
drop policy if exists engine on yardstick.legal_holds;
create policy engine on yardstick.legal_holds for all to yardstick_engine_role using (true) with check (true);

grant select, insert, update on yardstick.legal_holds to yardstick_engine_role;

drop trigger if exists audit_insert on yardstick.legal_holds;
create trigger audit_insert
after insert on yardstick.legal_holds
referencing new table as new_rows
for each statement execute function yardstick.audit_rows('legal_hold', 'id');

drop trigger if exists audit_update on yardstick.legal_holds;
create trigger audit_update
after update on yardstick.legal_holds
referencing old table as old_rows new table as new_rows
for each statement execute function yardstick.audit_rows('legal_hold', 'id');

drop trigger if exists audit_delete on yardstick.legal_holds;
create trigger audit_delete
after delete on yardstick.legal_holds
referencing old table as old_rows
for each statement execute function yardstick.audit_rows('legal_hold', 'id');

drop trigger if exists audit_truncate on yardstick.legal_holds;
create trigger audit_truncate
after truncate on yardstick.legal_holds
for each statement execute function yardstick.audit_rows('legal_hold', 'id');
