-- The view computes some of its columns, so it is written through a trigger.
drop trigger if exists write_through on yardstick.dashboard_configurations;
create trigger write_through
instead of insert or update or delete on yardstick.dashboard_configurations
for each row execute function yardstick.write_dashboard_configuration();
