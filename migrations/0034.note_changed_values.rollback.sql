-- All organizations are compared at every run again: nothing is lost with what was noted.
-- depends: 0033.note_locked_sources
set local role yardstick_owner;

drop table yardstick.snapshot_looks;
drop table yardstick.value_changes;
