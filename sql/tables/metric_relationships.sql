drop policy if exists tenant on yardstick.metric_relationships;
create policy tenant on yardstick.metric_relationships for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));

-- For select alone: an organization reads what the platform offers, and changes none of it.
drop policy if exists platform on yardstick.metric_relationships;
create policy platform on yardstick.metric_relationships for select to yardstick_owner using (organization_id is null);

-- The engine works for every organization and names it in each of its statements.
drop policy if exists engine on yardstick.metric_relationships;
create policy engine on yardstick.metric_relationships for all to yardstick_engine_role using (true) with check (true);

grant select, insert, update, delete on yardstick.metric_relationships to yardstick_engine_role;

drop trigger if exists touch_updated_at on yardstick.metric_relationships;
create trigger touch_updated_at
before update on yardstick.metric_relationships
for each row execute function yardstick.touch_updated_at();

drop trigger if exists keep_within_organization on yardstick.metric_relationships;
create trigger keep_within_organization
before insert or update of organization_id, parent_metric_id, child_metric_id on yardstick.metric_relationships
for each row execute function yardstick.keep_within_organization(
    'parent_metric_id', 'metric_definitions',
    'child_metric_id', 'metric_definitions'
);

drop trigger if exists keep_relationships_acyclic on yardstick.metric_relationships;
create trigger keep_relationships_acyclic
before insert or update of organization_id, parent_metric_id, child_metric_id, relationship_type on yardstick.metric_relationships
for each row execute function yardstick.keep_relationships_acyclic();

drop trigger if exists audit_insert on yardstick.metric_relationships;
create trigger audit_insert
after insert on yardstick.metric_relationships
referencing new table as new_rows
for each statement execute function yardstick.audit_rows('metric_relationship', 'id', 'updated_at');

drop trigger if exists audit_update on yardstick.metric_relationships;
create trigger audit_update
after update on yardstick.metric_relationships
referencing old table as old_rows new table as new_rows
for each statement execute function yardstick.audit_rows('metric_relationship', 'id', 'updated_at');

drop trigger if exists audit_delete on yardstick.metric_relationships;
create trigger audit_delete
after delete on yardstick.metric_relationships
referencing old table as old_rows
for each statement execute function yardstick.audit_rows('metric_relationship', 'id', 'updated_at');

drop trigger if exists audit_truncate on yardstick.metric_relationships;
create trigger audit_truncate
after truncate on yardstick.metric_relationships
for each statement execute function yardstick.audit_rows('metric_relationship', 'id', 'updated_at');
