-- Takes what is known of failing metrics away: each is tried again at once.
-- depends: 0024.keep_as_long_as_asked
set local role yardstick_owner;
drop table yardstick.metric_failures;
