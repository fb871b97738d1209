drop policy if exists tenant on yardstick.metric_sources;
create policy tenant on yardstick.metric_sources for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));

-- For select alone: an organization reads what the platform offers, and changes none of it.
drop policy if exists platform on yardstick.metric_sources;
create policy platform on yardstick.metric_sources for select to yardstick_owner using (organization_id is null);

-- The engine works for every organization and names it in each of its statements.
drop policy if exists engine on yardstick.metric_sources;
create policy engine on yardstick.metric_sources for all to yardstick_engine_role using (true) with check (true);

grant select, insert, update, delete on yardstick.metric_sources to yardstick_engine_role;

drop trigger if exists touch_updated_at on yardstick.metric_sources;
create trigger touch_updated_at
before update on yardstick.metric_sources
for each row execute function yardstick.touch_updated_at();

drop trigger if exists keep_within_organization on yardstick.metric_sources;
create trigger keep_within_organization
before insert or update of organization_id, created_by on yardstick.metric_sources
for each row execute function yardstick.keep_within_organization('created_by', 'users');

drop trigger if exists audit_insert on yardstick.metric_sources;
create trigger audit_insert
after insert on yardstick.metric_sources
referencing new table as new_rows
for each statement execute function yardstick.audit_rows('metric_source', 'id', 'watermark_at', 'updated_at');

drop trigger if exists audit_update on yardstick.metric_sources;
create trigger audit_update
after update on yardstick.metric_sources
referencing old table as old_rows new table as new_rows
for each statement execute function yardstick.audit_rows('metric_source', 'id', 'watermark_at', 'updated_at');

drop trigger if exists audit_delete on yardstick.metric_sources;
create trigger audit_delete
after delete on yardstick.metric_sources
referencing old table as old_rows
for each statement execute function yardstick.audit_rows('metric_source', 'id', 'watermark_at', 'updated_at');

drop trigger if exists audit_truncate on yardstick.metric_sources;
create trigger audit_truncate
after truncate on yardstick.metric_sources
for each statement execute function yardstick.audit_rows('metric_source', 'id', 'watermark_at', 'updated_at');

-- What applications record is a source of the platform like any other. The policies of the owner do not let it write rows of
-- the platform; the engine's do.
set local role yardstick_engine_role;

insert into yardstick.metric_sources as s (
    source_name, relation, time_column, organization_column, department_column, team_column, user_column, key_column,
    row_filter, value_column, capture
)
values (
    'analytics_metrics', 'yardstick.analytics_metrics', 'measurement_date', 'organization_id', 'department_id', 'team_id',
    'user_id', 'metric_name', 'NOT source.is_deleted', 'value', true
)
on conflict on constraint sources_are_named_once do nothing;

set local role yardstick_owner;
