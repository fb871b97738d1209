-- The next stretch is sorted out of all again.
-- depends: 0030.reorder_states
set local role yardstick_owner;

drop index yardstick.snapshot_slices_newest_first;
