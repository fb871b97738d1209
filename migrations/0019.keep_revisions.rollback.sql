-- Takes the former values away; nothing else remembers them: keep a copy of the table where they are needed.
-- depends: 0018.create_audit
set local role yardstick_owner;
drop table yardstick.metric_calculation_revisions;
alter table yardstick.metric_dirty drop column cause;
