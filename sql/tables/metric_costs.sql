drop policy if exists tenant on yardstick.metric_costs;
create policy tenant on yardstick.metric_costs for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));

drop policy if exists platform on yardstick.metric_costs;
create policy platform on yardstick.metric_costs for select to yardstick_owner using (organization_id is null);

-- The engine works for every organization and names it in each of its statements.
drop policy if exists engine on yardstick.metric_costs;
create policy engine on yardstick.metric_costs for all to yardstick_engine_role using (true) with check (true);

grant select, insert, update, delete on yardstick.metric_costs to yardstick_engine_role;
