drop policy if exists tenant on yardstick.scheduled_reports;
create policy tenant on yardstick.scheduled_reports for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));

-- The engine works for every organization and names it in each of its statements.
drop policy if exists engine on yardstick.scheduled_reports;
create policy engine on yardstick.scheduled_reports for all to yardstick_engine_role using (true) with check (true);

grant select, insert, update, delete on yardstick.scheduled_reports to yardstick_engine_role;

drop trigger if exists touch_updated_at on yardstick.scheduled_reports;
create trigger touch_updated_at
before update on yardstick.scheduled_reports
for each row execute function yardstick.touch_updated_at();

drop trigger if exists check_timezone on yardstick.scheduled_reports;
create trigger check_timezone
before insert or update of timezone on yardstick.scheduled_reports
for each row execute function yardstick.check_timezone();

drop trigger if exists keep_within_organization on yardstick.scheduled_reports;
create trigger keep_within_organization
before insert or update of organization_id, template_id, created_by, updated_by on yardstick.scheduled_reports
for each row execute function yardstick.keep_within_organization(
    'template_id', 'report_templates',
    'created_by', 'users',
    'updated_by', 'users'
);
