-- Takes what is known of failing metrics away: each is tried again at once.
-- depends: 0021.capture_sources
set local role yardstick_owner;
drop table yardstick.metric_failures;
