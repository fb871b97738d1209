-- Takes audit_log, audit_heads, audit_queue away with all rows: `yardstick audit export` each chain before, and restore them
-- from a backup if they were wanted.
-- depends: 0017.create_versions

-- With them go the triggers of the audited tables, which could write nowhere.
drop function if exists yardstick.audit_rows() cascade;
drop function if exists yardstick.audit_values() cascade;

set local role yardstick_owner;
drop table yardstick.audit_queue;
drop table yardstick.audit_heads;
drop table yardstick.audit_log;
