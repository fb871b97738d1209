drop policy if exists tenant on yardstick.dashboard_sharing;
create policy tenant on yardstick.dashboard_sharing for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));

-- For select alone: an organization reads what the platform offers, and changes none of it.
drop policy if exists platform on yardstick.dashboard_sharing;
create policy platform on yardstick.dashboard_sharing for select to yardstick_owner using (organization_id is null);

-- The engine works for every organization and names it in each of its statements.
drop policy if exists engine on yardstick.dashboard_sharing;
create policy engine on yardstick.dashboard_sharing for all to yardstick_engine_role using (true) with check (true);

grant select, insert, update, delete on yardstick.dashboard_sharing to yardstick_engine_role;

drop trigger if exists keep_within_organization on yardstick.dashboard_sharing;
create trigger keep_within_organization
before insert or update of organization_id, dashboard_id, shared_by on yardstick.dashboard_sharing
for each row execute function yardstick.keep_within_organization('dashboard_id', 'analytics_dashboards', 'shared_by', 'users');

drop trigger if exists audit_insert on yardstick.dashboard_sharing;
create trigger audit_insert
after insert on yardstick.dashboard_sharing
referencing new table as new_rows
for each statement execute function yardstick.audit_rows('dashboard_sharing', 'id');

drop trigger if exists audit_update on yardstick.dashboard_sharing;
create trigger audit_update
after update on yardstick.dashboard_sharing
referencing old table as old_rows new table as new_rows
for each statement execute function yardstick.audit_rows('dashboard_sharing', 'id');

drop trigger if exists audit_delete on yardstick.dashboard_sharing;
create trigger audit_delete
after delete on yardstick.dashboard_sharing
referencing old table as old_rows
for each statement execute function yardstick.audit_rows('dashboard_sharing', 'id');

drop trigger if exists audit_truncate on yardstick.dashboard_sharing;
create trigger audit_truncate
after truncate on yardstick.dashboard_sharing
for each statement execute function yardstick.audit_rows('dashboard_sharing', 'id');
