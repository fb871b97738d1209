drop policy if exists tenant on yardstick.dashboard_widgets;
create policy tenant on yardstick.dashboard_widgets for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));

-- For select alone: an organization reads what the platform offers, and changes none of it.
drop policy if exists platform on yardstick.dashboard_widgets;
create policy platform on yardstick.dashboard_widgets for select to yardstick_owner using (organization_id is null);

-- The engine works for every organization and names it in each of its statements.
drop policy if exists engine on yardstick.dashboard_widgets;
create policy engine on yardstick.dashboard_widgets for all to yardstick_engine_role using (true) with check (true);

grant select, insert, update, delete on yardstick.dashboard_widgets to yardstick_engine_role;

drop trigger if exists touch_updated_at on yardstick.dashboard_widgets;
create trigger touch_updated_at
before update on yardstick.dashboard_widgets
for each row execute function yardstick.touch_updated_at();

drop trigger if exists keep_within_organization on yardstick.dashboard_widgets;
create trigger keep_within_organization
before insert or update of organization_id, dashboard_id, created_by, updated_by on yardstick.dashboard_widgets
for each row execute function yardstick.keep_within_organization(
    'dashboard_id', 'analytics_dashboards',
    'created_by', 'users',
    'updated_by', 'users'
);

drop trigger if exists keep_members_within_organization on yardstick.dashboard_widgets;
create trigger keep_members_within_organization
before insert or update of organization_id, metric_ids on yardstick.dashboard_widgets
for each row execute function yardstick.keep_members_within_organization('metric_ids', 'metric_definitions', 'id');
