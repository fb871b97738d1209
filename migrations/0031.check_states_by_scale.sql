-- A number has a scale, where infinity and NaN have none: one look at each value of a state, where two comparisons took it apart twice.
-- depends: 0030.reorder_states
set local role yardstick_owner;

-- squawk-ignore ban-drop-constraint, constraint-missing-not-valid
alter table yardstick.metric_partials drop constraint partials_hold_numbers, add constraint partials_hold_numbers check (
    (scale(value_sum) is null) = (value_sum is null)
    and (scale(value_min) is null) = (value_min is null)
    and (scale(value_max) is null) = (value_max is null)
);
