-- Takes analytics_dashboards, dashboard_widgets, dashboard_sharing away with all rows:
-- restore them from a backup if they were wanted.
-- depends: 0008.create_observations
set local role yardstick_owner;
drop view yardstick.dashboard_configurations;
drop table yardstick.dashboard_sharing;
drop table yardstick.dashboard_widgets;
drop table yardstick.analytics_dashboards;
