-- Takes report_templates, scheduled_reports, report_instances, analytics_cache away with all rows:
-- restore them from a backup if they were wanted.
-- depends: 0010.create_alerts
set local role yardstick_owner;
drop table yardstick.analytics_cache;
drop table yardstick.report_instances;
drop table yardstick.scheduled_reports;
drop table yardstick.report_templates;
