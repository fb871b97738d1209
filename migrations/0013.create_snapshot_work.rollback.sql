-- Takes snapshot_slices and job_home away: both are made anew by the next run and the next deploy.
-- depends: 0012.create_operations
set local role yardstick_owner;
drop table yardstick.job_home;
drop table yardstick.snapshot_slices;
