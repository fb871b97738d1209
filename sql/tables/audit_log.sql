drop policy if exists tenant on yardstick.audit_log;
create policy tenant on yardstick.audit_log for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));

-- The engine works for every organization and names it in each of its statements.
drop policy if exists engine on yardstick.audit_log;
create policy engine on yardstick.audit_log for all to yardstick_engine_role using (true) with check (true);

grant select, insert on yardstick.audit_log to yardstick_engine_role;

drop trigger if exists keep_audit on yardstick.audit_log;
create trigger keep_audit
before update or delete or truncate on yardstick.audit_log
for each statement execute function yardstick.keep_audit();
