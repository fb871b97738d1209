-- Takes metric_series, metric_partials, metric_dirty, calculation_slices, metric_refreshes away with all rows:
-- restore them from a backup if they were wanted.
-- depends: 0005.create_definitions
set local role yardstick_owner;
drop table yardstick.metric_refreshes;
drop table yardstick.calculation_slices;
drop table yardstick.metric_dirty;
drop table yardstick.metric_partials;
drop table yardstick.metric_series;
