-- Since when a measure is unread is forgotten; what was removed stays away until its metrics are calculated again.
-- depends: 0035.postpone_weeks
set local role yardstick_owner;

alter table yardstick.metric_measures drop column unread_since;
