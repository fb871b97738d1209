-- Takes away what metrics remember of their columns: it is looked up again by the next deploy of this migration.
-- depends: 0015.create_sandbox
set local role yardstick_owner;
alter table yardstick.metric_definitions
drop column drift_reason,
drop column drifted_at,
drop column known_columns;
