-- Read by the tenant context itself, so it is not under the tenant's policy: it is nobody's but the owner's. Row-level security
-- without a policy, and not forced on the owner, keeps it so when somebody grants select on all tables.
revoke all on yardstick.login_bindings from public, yardstick_engine_role;
alter table yardstick.login_bindings enable row level security;

drop trigger if exists audit_insert on yardstick.login_bindings;
create trigger audit_insert
after insert on yardstick.login_bindings
referencing new table as new_rows
for each statement execute function yardstick.audit_rows('login_binding', 'login_name');

drop trigger if exists audit_update on yardstick.login_bindings;
create trigger audit_update
after update on yardstick.login_bindings
referencing old table as old_rows new table as new_rows
for each statement execute function yardstick.audit_rows('login_binding', 'login_name');

drop trigger if exists audit_delete on yardstick.login_bindings;
create trigger audit_delete
after delete on yardstick.login_bindings
referencing old table as old_rows
for each statement execute function yardstick.audit_rows('login_binding', 'login_name');

drop trigger if exists audit_truncate on yardstick.login_bindings;
create trigger audit_truncate
after truncate on yardstick.login_bindings
for each statement execute function yardstick.audit_rows('login_binding', 'login_name');
