drop policy if exists tenant on yardstick.audit_heads;
create policy tenant on yardstick.audit_heads for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));

-- The engine works for every organization and names it in each of its statements.
drop policy if exists engine on yardstick.audit_heads;
create policy engine on yardstick.audit_heads for all to yardstick_engine_role using (true) with check (true);

grant select, insert, update on yardstick.audit_heads to yardstick_engine_role;

drop trigger if exists keep_audit on yardstick.audit_heads;
create trigger keep_audit
before delete or truncate on yardstick.audit_heads
for each statement execute function yardstick.keep_audit();

drop trigger if exists keep_going_forward on yardstick.audit_heads;
create trigger keep_going_forward
before update on yardstick.audit_heads
for each row
when (new.organization_id <> old.organization_id or new.sequence_no <= old.sequence_no)
execute function yardstick.keep_audit();
