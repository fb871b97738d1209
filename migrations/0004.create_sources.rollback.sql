-- Takes metric_sources, metric_measures away with all rows: restore them from a backup if they were wanted.
-- depends: 0003.create_identity
set local role yardstick_owner;
drop table yardstick.metric_measures;
drop table yardstick.metric_sources;
