-- The next stretch to take is the newest of all: sorted out of those of thousands of organizations, it cost more than taking it.
-- depends: 0030.reorder_states
set local role yardstick_owner;

create index snapshot_slices_newest_first on yardstick.snapshot_slices (last_date desc, snapshot_type, organization_id);
