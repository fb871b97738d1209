-- The next stretch to take is the newest of all: sorted out of those of thousands of organizations, it cost more than taking it.
-- depends: 0031.check_states_by_scale
set local role yardstick_owner;

create index snapshot_slices_newest_first on yardstick.snapshot_slices (last_date desc, snapshot_type, organization_id);
