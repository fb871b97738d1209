drop policy if exists tenant on yardstick.metric_alerts;
create policy tenant on yardstick.metric_alerts for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));

-- For select alone: an organization reads what the platform offers, and changes none of it.
drop policy if exists platform on yardstick.metric_alerts;
create policy platform on yardstick.metric_alerts for select to yardstick_owner using (organization_id is null);

-- The engine works for every organization and names it in each of its statements.
drop policy if exists engine on yardstick.metric_alerts;
create policy engine on yardstick.metric_alerts for all to yardstick_engine_role using (true) with check (true);

grant select, insert, update, delete on yardstick.metric_alerts to yardstick_engine_role;

drop trigger if exists touch_updated_at on yardstick.metric_alerts;
create trigger touch_updated_at
before update on yardstick.metric_alerts
for each row execute function yardstick.touch_updated_at();

drop trigger if exists keep_within_organization on yardstick.metric_alerts;
create trigger keep_within_organization
before insert or update of organization_id, metric_id, created_by, updated_by on yardstick.metric_alerts
for each row execute function yardstick.keep_within_organization(
    'metric_id', 'metric_definitions',
    'created_by', 'users',
    'updated_by', 'users'
);

drop trigger if exists keep_members_within_organization on yardstick.metric_alerts;
create trigger keep_members_within_organization
before insert or update of organization_id, recipient_users, recipient_roles on yardstick.metric_alerts
for each row execute function yardstick.keep_members_within_organization(
    'recipient_users', 'users', 'id',
    'recipient_roles', 'roles', 'id'
);

drop trigger if exists keep_evidence on yardstick.metric_alerts;
create trigger keep_evidence
before delete on yardstick.metric_alerts
for each row execute function yardstick.keep_evidence('alert');

drop trigger if exists audit_insert on yardstick.metric_alerts;
create trigger audit_insert
after insert on yardstick.metric_alerts
referencing new table as new_rows
for each statement execute function yardstick.audit_rows('metric_alert', 'id', 'last_triggered', 'trigger_count', 'updated_at');

drop trigger if exists audit_update on yardstick.metric_alerts;
create trigger audit_update
after update on yardstick.metric_alerts
referencing old table as old_rows new table as new_rows
for each statement execute function yardstick.audit_rows('metric_alert', 'id', 'last_triggered', 'trigger_count', 'updated_at');

drop trigger if exists audit_delete on yardstick.metric_alerts;
create trigger audit_delete
after delete on yardstick.metric_alerts
referencing old table as old_rows
for each statement execute function yardstick.audit_rows('metric_alert', 'id', 'last_triggered', 'trigger_count', 'updated_at');

drop trigger if exists audit_truncate on yardstick.metric_alerts;
create trigger audit_truncate
after truncate on yardstick.metric_alerts
for each statement execute function yardstick.audit_rows('metric_alert', 'id', 'last_triggered', 'trigger_count', 'updated_at');
