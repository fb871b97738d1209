drop policy if exists tenant on yardstick.analytics_dashboards;
create policy tenant on yardstick.analytics_dashboards for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));

-- For select alone: an organization reads what the platform offers, and changes none of it.
drop policy if exists platform on yardstick.analytics_dashboards;
create policy platform on yardstick.analytics_dashboards for select to yardstick_owner using (organization_id is null);

-- The engine works for every organization and names it in each of its statements.
drop policy if exists engine on yardstick.analytics_dashboards;
create policy engine on yardstick.analytics_dashboards for all to yardstick_engine_role using (true) with check (true);

grant select, insert, update, delete on yardstick.analytics_dashboards to yardstick_engine_role;

drop trigger if exists touch_updated_at on yardstick.analytics_dashboards;
create trigger touch_updated_at
before update on yardstick.analytics_dashboards
for each row execute function yardstick.touch_updated_at();

drop trigger if exists keep_within_organization on yardstick.analytics_dashboards;
create trigger keep_within_organization
before insert or update of organization_id, owner_id, department_id, created_by, updated_by, deleted_by on yardstick.analytics_dashboards
for each row execute function yardstick.keep_within_organization(
    'owner_id', 'users',
    'department_id', 'departments',
    'created_by', 'users',
    'updated_by', 'users',
    'deleted_by', 'users'
);

drop trigger if exists keep_members_within_organization on yardstick.analytics_dashboards;
create trigger keep_members_within_organization
before insert or update of organization_id, allowed_users, allowed_roles on yardstick.analytics_dashboards
for each row execute function yardstick.keep_members_within_organization(
    'allowed_users', 'users', 'id',
    'allowed_roles', 'roles', 'role_name'
);
