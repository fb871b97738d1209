-- Takes metric_calculations, metric_snapshots away with all rows: restore them from a backup if they were wanted.
-- depends: 0006.create_series
set local role yardstick_owner;
drop table yardstick.metric_snapshots;
drop table yardstick.metric_calculations;
