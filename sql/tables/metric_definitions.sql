drop policy if exists tenant on yardstick.metric_definitions;
create policy tenant on yardstick.metric_definitions for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));

-- For select alone: an organization reads what the platform offers, and changes none of it.
drop policy if exists platform on yardstick.metric_definitions;
create policy platform on yardstick.metric_definitions for select to yardstick_owner using (organization_id is null);

-- The engine works for every organization and names it in each of its statements.
drop policy if exists engine on yardstick.metric_definitions;
create policy engine on yardstick.metric_definitions for all to yardstick_engine_role using (true) with check (true);

grant select, insert, update, delete on yardstick.metric_definitions to yardstick_engine_role;

drop trigger if exists touch_updated_at on yardstick.metric_definitions;
create trigger touch_updated_at
before update on yardstick.metric_definitions
for each row execute function yardstick.touch_updated_at();

drop trigger if exists keep_within_organization on yardstick.metric_definitions;
create trigger keep_within_organization
before insert or update of organization_id, owner_id, source_id, created_by, updated_by, deleted_by on yardstick.metric_definitions
for each row execute function yardstick.keep_within_organization(
    'owner_id', 'users',
    'source_id', 'metric_sources',
    'created_by', 'users',
    'updated_by', 'users',
    'deleted_by', 'users'
);

drop trigger if exists keep_evidence on yardstick.metric_definitions;
create trigger keep_evidence
before delete on yardstick.metric_definitions
for each row execute function yardstick.keep_evidence('metric');

drop trigger if exists keep_drift_reason on yardstick.metric_definitions;
create trigger keep_drift_reason
before update on yardstick.metric_definitions
for each row execute function yardstick.keep_drift_reason();

drop trigger if exists remember_columns on yardstick.metric_definitions;
create trigger remember_columns
after insert or update of compiled, source_id on yardstick.metric_definitions
for each row execute function yardstick.remember_columns();

drop trigger if exists keep_approved on yardstick.metric_definitions;
create trigger keep_approved
before insert or update of organization_id, metric_name, display_name, description, metric_category, metric_type, unit_of_measure,
calculation_method, calculation_formula, data_sources, parameters, aggregation_levels, time_windows, target_value, target_low,
target_high, threshold_config, direction, refresh_frequency, retention_days, is_active, is_public, owner_id, tags, approval_status,
version on yardstick.metric_definitions
for each row execute function yardstick.keep_approved();

-- The columns that the engine maintains come after the key: a change of these alone is none.
drop trigger if exists audit_insert on yardstick.metric_definitions;
create trigger audit_insert
after insert on yardstick.metric_definitions
referencing new table as new_rows
for each statement execute function yardstick.audit_rows('metric_definition', 'id', 'compiled', 'last_error_code', 'last_error', 'known_columns', 'drifted_at', 'drift_reason', 'updated_at');

drop trigger if exists audit_update on yardstick.metric_definitions;
create trigger audit_update
after update on yardstick.metric_definitions
referencing old table as old_rows new table as new_rows
for each statement execute function yardstick.audit_rows('metric_definition', 'id', 'compiled', 'last_error_code', 'last_error', 'known_columns', 'drifted_at', 'drift_reason', 'updated_at');

drop trigger if exists audit_delete on yardstick.metric_definitions;
create trigger audit_delete
after delete on yardstick.metric_definitions
referencing old table as old_rows
for each statement execute function yardstick.audit_rows('metric_definition', 'id', 'compiled', 'last_error_code', 'last_error', 'known_columns', 'drifted_at', 'drift_reason', 'updated_at');

drop trigger if exists audit_truncate on yardstick.metric_definitions;
create trigger audit_truncate
after truncate on yardstick.metric_definitions
for each statement execute function yardstick.audit_rows('metric_definition', 'id', 'compiled', 'last_error_code', 'last_error', 'known_columns', 'drifted_at', 'drift_reason', 'updated_at');
