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
