drop policy if exists tenant on yardstick.metric_targets;
create policy tenant on yardstick.metric_targets for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));

-- For select alone: an organization reads what the platform offers, and changes none of it.
drop policy if exists platform on yardstick.metric_targets;
create policy platform on yardstick.metric_targets for select to yardstick_owner using (organization_id is null);

-- The engine works for every organization and names it in each of its statements.
drop policy if exists engine on yardstick.metric_targets;
create policy engine on yardstick.metric_targets for all to yardstick_engine_role using (true) with check (true);

grant select, insert, update, delete on yardstick.metric_targets to yardstick_engine_role;

drop trigger if exists keep_within_organization on yardstick.metric_targets;
create trigger keep_within_organization
before insert or update of organization_id, metric_id, created_by on yardstick.metric_targets
for each row execute function yardstick.keep_within_organization('metric_id', 'metric_definitions', 'created_by', 'users');

drop trigger if exists audit_insert on yardstick.metric_targets;
create trigger audit_insert
after insert on yardstick.metric_targets
referencing new table as new_rows
for each statement execute function yardstick.audit_rows('metric_target', 'id');

drop trigger if exists audit_update on yardstick.metric_targets;
create trigger audit_update
after update on yardstick.metric_targets
referencing old table as old_rows new table as new_rows
for each statement execute function yardstick.audit_rows('metric_target', 'id');

drop trigger if exists audit_delete on yardstick.metric_targets;
create trigger audit_delete
after delete on yardstick.metric_targets
referencing old table as old_rows
for each statement execute function yardstick.audit_rows('metric_target', 'id');

drop trigger if exists audit_truncate on yardstick.metric_targets;
create trigger audit_truncate
after truncate on yardstick.metric_targets
for each statement execute function yardstick.audit_rows('metric_target', 'id');

-- Before the row is written, so that the caller hears of it at once.
drop trigger if exists require_reason_to_change on yardstick.metric_targets;
create trigger require_reason_to_change
before update on yardstick.metric_targets
for each row
when (
    old.target_value is distinct from new.target_value
    or old.target_low is distinct from new.target_low
    or old.target_high is distinct from new.target_high
    or old.effective_from is distinct from new.effective_from
    or old.aggregation_id is distinct from new.aggregation_id
    or old.metric_id is distinct from new.metric_id
    or old.organization_id is distinct from new.organization_id
)
execute function yardstick.require_reason();

drop trigger if exists require_reason_to_remove on yardstick.metric_targets;
create trigger require_reason_to_remove
before delete on yardstick.metric_targets
for each row execute function yardstick.require_reason();
