drop policy if exists tenant on yardstick.metric_failures;
create policy tenant on yardstick.metric_failures for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));

drop policy if exists platform on yardstick.metric_failures;
create policy platform on yardstick.metric_failures for select to yardstick_owner using (organization_id is null);

-- The engine works for every organization and names it in each of its statements.
drop policy if exists engine on yardstick.metric_failures;
create policy engine on yardstick.metric_failures for all to yardstick_engine_role using (true) with check (true);

grant select, insert, update, delete on yardstick.metric_failures to yardstick_engine_role;
