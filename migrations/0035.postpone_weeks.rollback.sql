-- Weeks that wait here are not queued: have such a metric refreshed again.
-- depends: 0034.note_changed_values
set local role yardstick_owner;

drop table yardstick.postponed_weeks;
