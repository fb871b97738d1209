drop policy if exists tenant on yardstick.metric_functions;
create policy tenant on yardstick.metric_functions for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));

-- For select alone: an organization reads what the platform offers, and changes none of it.
drop policy if exists platform on yardstick.metric_functions;
create policy platform on yardstick.metric_functions for select to yardstick_owner using (organization_id is null);

-- The engine works for every organization and names it in each of its statements.
drop policy if exists engine on yardstick.metric_functions;
create policy engine on yardstick.metric_functions for all to yardstick_engine_role using (true) with check (true);

grant select, insert, update, delete on yardstick.metric_functions to yardstick_engine_role;

drop trigger if exists keep_within_organization on yardstick.metric_functions;
create trigger keep_within_organization
before insert or update of organization_id, created_by on yardstick.metric_functions
for each row execute function yardstick.keep_within_organization('created_by', 'users');

drop trigger if exists audit_insert on yardstick.metric_functions;
create trigger audit_insert
after insert on yardstick.metric_functions
referencing new table as new_rows
for each statement execute function yardstick.audit_rows('metric_function', 'id');

drop trigger if exists audit_update on yardstick.metric_functions;
create trigger audit_update
after update on yardstick.metric_functions
referencing old table as old_rows new table as new_rows
for each statement execute function yardstick.audit_rows('metric_function', 'id');

drop trigger if exists audit_delete on yardstick.metric_functions;
create trigger audit_delete
after delete on yardstick.metric_functions
referencing old table as old_rows
for each statement execute function yardstick.audit_rows('metric_function', 'id');

drop trigger if exists audit_truncate on yardstick.metric_functions;
create trigger audit_truncate
after truncate on yardstick.metric_functions
for each statement execute function yardstick.audit_rows('metric_function', 'id');
