drop policy if exists tenant on yardstick.metric_measures;
create policy tenant on yardstick.metric_measures for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));

-- For select alone: an organization reads what the platform offers, and changes none of it.
drop policy if exists platform on yardstick.metric_measures;
create policy platform on yardstick.metric_measures for select to yardstick_owner using (organization_id is null);

-- The engine works for every organization and names it in each of its statements.
drop policy if exists engine on yardstick.metric_measures;
create policy engine on yardstick.metric_measures for all to yardstick_engine_role using (true) with check (true);

grant select, insert, update, delete on yardstick.metric_measures to yardstick_engine_role;

drop trigger if exists keep_within_organization on yardstick.metric_measures;
create trigger keep_within_organization
before insert or update of organization_id, source_id on yardstick.metric_measures
for each row execute function yardstick.keep_within_organization('source_id', 'metric_sources');
