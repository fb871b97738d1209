-- What was removed stays away. A metric that was to be kept for good gets as many days as a definition can ask for.
-- depends: 0023.explain_columns
set local role yardstick_engine_role;
update yardstick.metric_definitions as d
set retention_days = 36500
where d.retention_days is null;

set local role yardstick_owner;
drop table yardstick.retention_marks;
drop table yardstick.legal_holds;
alter table yardstick.metric_definitions alter column retention_days set not null;
comment on column yardstick.metric_definitions.retention_days is 'Days its values are kept after their period.';
