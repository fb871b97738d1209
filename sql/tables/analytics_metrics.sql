drop policy if exists tenant on yardstick.analytics_metrics;
create policy tenant on yardstick.analytics_metrics for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));

-- The engine works for every organization and names it in each of its statements.
drop policy if exists engine on yardstick.analytics_metrics;
create policy engine on yardstick.analytics_metrics for all to yardstick_engine_role using (true) with check (true);

grant select, insert, update, delete on yardstick.analytics_metrics to yardstick_engine_role;

-- It is a source like any other, and sources are read with the rights of yardstick_reader.
grant usage on schema yardstick to yardstick_reader;
grant select on yardstick.analytics_metrics to yardstick_reader;

drop trigger if exists touch_updated_at on yardstick.analytics_metrics;
create trigger touch_updated_at
before update on yardstick.analytics_metrics
for each row execute function yardstick.touch_updated_at();

-- On the parent: nobody is granted a partition.
drop trigger if exists capture_insert on yardstick.analytics_metrics;
create trigger capture_insert
after insert on yardstick.analytics_metrics
referencing new table as new_rows
for each statement execute function yardstick.capture_observations();

drop trigger if exists capture_update on yardstick.analytics_metrics;
create trigger capture_update
after update on yardstick.analytics_metrics
referencing old table as old_rows new table as new_rows
for each statement execute function yardstick.capture_observations();

drop trigger if exists capture_delete on yardstick.analytics_metrics;
create trigger capture_delete
after delete on yardstick.analytics_metrics
referencing old table as old_rows
for each statement execute function yardstick.capture_observations();

drop trigger if exists capture_truncate on yardstick.analytics_metrics;
create trigger capture_truncate
before truncate on yardstick.analytics_metrics
for each statement execute function yardstick.capture_truncate();

drop trigger if exists audit_insert on yardstick.analytics_metrics;
create trigger audit_insert
after insert on yardstick.analytics_metrics
referencing new table as new_rows
for each statement execute function yardstick.audit_values();

drop trigger if exists audit_update on yardstick.analytics_metrics;
create trigger audit_update
after update on yardstick.analytics_metrics
referencing old table as old_rows new table as new_rows
for each statement execute function yardstick.audit_values();

drop trigger if exists audit_delete on yardstick.analytics_metrics;
create trigger audit_delete
after delete on yardstick.analytics_metrics
referencing old table as old_rows
for each statement execute function yardstick.audit_values();

drop trigger if exists audit_truncate on yardstick.analytics_metrics;
create trigger audit_truncate
after truncate on yardstick.analytics_metrics
for each statement execute function yardstick.audit_values();
