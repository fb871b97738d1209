drop policy if exists tenant on yardstick.report_templates;
create policy tenant on yardstick.report_templates for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));

-- For select alone: an organization reads what the platform offers, and changes none of it.
drop policy if exists platform on yardstick.report_templates;
create policy platform on yardstick.report_templates for select to yardstick_owner using (organization_id is null);

-- The engine works for every organization and names it in each of its statements.
drop policy if exists engine on yardstick.report_templates;
create policy engine on yardstick.report_templates for all to yardstick_engine_role using (true) with check (true);

grant select, insert, update, delete on yardstick.report_templates to yardstick_engine_role;

drop trigger if exists touch_updated_at on yardstick.report_templates;
create trigger touch_updated_at
before update on yardstick.report_templates
for each row execute function yardstick.touch_updated_at();

drop trigger if exists keep_within_organization on yardstick.report_templates;
create trigger keep_within_organization
before insert or update of organization_id, parent_template_id, created_by, updated_by on yardstick.report_templates
for each row execute function yardstick.keep_within_organization(
    'parent_template_id', 'report_templates',
    'created_by', 'users',
    'updated_by', 'users'
);

drop trigger if exists keep_members_within_organization on yardstick.report_templates;
create trigger keep_members_within_organization
before insert or update of organization_id, allowed_roles, allowed_departments on yardstick.report_templates
for each row execute function yardstick.keep_members_within_organization(
    'allowed_roles', 'roles', 'role_name',
    'allowed_departments', 'departments', 'id'
);
