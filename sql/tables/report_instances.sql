drop policy if exists tenant on yardstick.report_instances;
create policy tenant on yardstick.report_instances for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));

-- The engine works for every organization and names it in each of its statements.
drop policy if exists engine on yardstick.report_instances;
create policy engine on yardstick.report_instances for all to yardstick_engine_role using (true) with check (true);

grant select, insert, update, delete on yardstick.report_instances to yardstick_engine_role;

drop trigger if exists touch_updated_at on yardstick.report_instances;
create trigger touch_updated_at
before update on yardstick.report_instances
for each row execute function yardstick.touch_updated_at();
