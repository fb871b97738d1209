-- Read by the tenant context itself, so it is not under the tenant's policy: it is nobody's but the owner's. Row-level security
-- without a policy, and not forced on the owner, keeps it so when somebody grants select on all tables.
revoke all on yardstick.login_bindings from public, yardstick_engine_role;
alter table yardstick.login_bindings enable row level security;
