-- The values are compared with infinity again.
-- depends: 0030.reorder_states
set local role yardstick_owner;

alter table yardstick.metric_partials drop constraint partials_hold_numbers, add constraint partials_hold_numbers check (
    value_sum > '-Infinity' and value_sum < 'Infinity'
    and value_min > '-Infinity' and value_min < 'Infinity'
    and value_max > '-Infinity' and value_max < 'Infinity'
);
