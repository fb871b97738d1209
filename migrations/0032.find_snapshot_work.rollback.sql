-- The next stretch is sorted out of all again.
-- depends: 0031.check_states_by_scale
set local role yardstick_owner;

drop index yardstick.snapshot_slices_newest_first;
