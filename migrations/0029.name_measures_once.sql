-- A first calculation writes tens of thousands of periods, all of the same measures: each with their list costs more than the states.
-- depends: 0028.lighten_snapshots
set local role yardstick_owner;

comment on column yardstick.metric_dirty.measure_ids is
'Measures whose states changed; null at stage source: all of the source and key; null at the others: those that other rows of the same '
'source, stage and slice name, all of the source where none does.';
