drop policy if exists tenant on yardstick.analytics_cache;
create policy tenant on yardstick.analytics_cache for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));

-- For select alone: an organization reads what the platform offers, and changes none of it.
drop policy if exists platform on yardstick.analytics_cache;
create policy platform on yardstick.analytics_cache for select to yardstick_owner using (organization_id is null);

-- The engine works for every organization and names it in each of its statements.
drop policy if exists engine on yardstick.analytics_cache;
create policy engine on yardstick.analytics_cache for all to yardstick_engine_role using (true) with check (true);

grant select, insert, update, delete on yardstick.analytics_cache to yardstick_engine_role;

drop trigger if exists keep_within_organization on yardstick.analytics_cache;
create trigger keep_within_organization
before insert or update of organization_id, department_id, user_id on yardstick.analytics_cache
for each row execute function yardstick.keep_within_organization('department_id', 'departments', 'user_id', 'users');
