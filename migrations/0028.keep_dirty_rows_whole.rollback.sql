-- What waits to be merged is cut and stored apart again; nothing is lost.
-- depends: 0027.give_values_ids
set local role yardstick_owner;

alter table yardstick.metric_dirty reset (toast_tuple_target);
