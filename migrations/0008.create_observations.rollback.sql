-- Takes analytics_metrics away with all rows: restore them from a backup if they were wanted.
-- depends: 0007.create_calculations
set local role yardstick_owner;
drop table yardstick.analytics_metrics;
