-- Takes metric_definitions, metric_relationships, metric_targets away with all rows:
-- restore them from a backup if they were wanted.
-- depends: 0004.create_sources
set local role yardstick_owner;
drop table yardstick.metric_targets;
drop table yardstick.metric_relationships;
drop table yardstick.metric_definitions;
