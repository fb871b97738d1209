drop policy if exists tenant on yardstick.metric_approvals;
create policy tenant on yardstick.metric_approvals for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));

-- For select alone: an organization reads what the platform offers, and changes none of it.
drop policy if exists platform on yardstick.metric_approvals;
create policy platform on yardstick.metric_approvals for select to yardstick_owner using (organization_id is null);

-- The engine works for every organization and names it in each of its statements.
drop policy if exists engine on yardstick.metric_approvals;
create policy engine on yardstick.metric_approvals for all to yardstick_engine_role using (true) with check (true);

grant select, insert, update, delete on yardstick.metric_approvals to yardstick_engine_role;

drop trigger if exists keep_within_organization on yardstick.metric_approvals;
create trigger keep_within_organization
before insert or update of organization_id, metric_id, approved_by on yardstick.metric_approvals
for each row execute function yardstick.keep_within_organization('metric_id', 'metric_definitions', 'approved_by', 'users');

drop trigger if exists keep_approvals on yardstick.metric_approvals;
create trigger keep_approvals
before insert or update or delete on yardstick.metric_approvals
for each row execute function yardstick.keep_approvals();

drop trigger if exists audit_insert on yardstick.metric_approvals;
create trigger audit_insert
after insert on yardstick.metric_approvals
referencing new table as new_rows
for each statement execute function yardstick.audit_rows('approval', 'id');

drop trigger if exists audit_update on yardstick.metric_approvals;
create trigger audit_update
after update on yardstick.metric_approvals
referencing old table as old_rows new table as new_rows
for each statement execute function yardstick.audit_rows('approval', 'id');

drop trigger if exists audit_delete on yardstick.metric_approvals;
create trigger audit_delete
after delete on yardstick.metric_approvals
referencing old table as old_rows
for each statement execute function yardstick.audit_rows('approval', 'id');

drop trigger if exists audit_truncate on yardstick.metric_approvals;
create trigger audit_truncate
after truncate on yardstick.metric_approvals
for each statement execute function yardstick.audit_rows('approval', 'id');
