drop policy if exists tenant on yardstick.audit_queue;
create policy tenant on yardstick.audit_queue for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));

-- The engine works for every organization and names it in each of its statements.
drop policy if exists engine on yardstick.audit_queue;
create policy engine on yardstick.audit_queue for all to yardstick_engine_role using (true) with check (true);

grant select, insert, delete on yardstick.audit_queue to yardstick_engine_role;

-- Deferred to the commit, and once for the rows of a statement.
drop trigger if exists write_audit on yardstick.audit_queue;
create constraint trigger write_audit
after insert on yardstick.audit_queue
deferrable initially deferred
for each row
when (new.wakes)
execute function yardstick.write_audit();
