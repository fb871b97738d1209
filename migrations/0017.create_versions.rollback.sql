-- Takes the versions and approvals away; the definitions that serve stay as they are.
-- depends: 0016.watch_sources
set local role yardstick_owner;
drop function if exists yardstick.missing_gates(yardstick.metric_definition_versions);
drop function if exists yardstick.definition_content(yardstick.metric_definitions);
drop table yardstick.approval_policies;
drop table yardstick.metric_approvals;
drop table yardstick.metric_definition_versions;
