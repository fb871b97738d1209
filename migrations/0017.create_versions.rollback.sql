-- Takes the versions and approvals away; the definitions that serve stay as they are.
-- depends: 0016.watch_sources
set local role yardstick_owner;
drop table yardstick.approval_policies;
drop table yardstick.metric_approvals;
drop table yardstick.metric_definition_versions;
