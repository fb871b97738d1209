-- Takes metric_alerts, metric_alert_history, metric_alert_states away with all rows:
-- restore them from a backup if they were wanted.
-- depends: 0009.create_dashboards
set local role yardstick_owner;
drop table yardstick.metric_alert_states;
drop table yardstick.metric_alert_history;
drop table yardstick.metric_alerts;
