-- Read by the tenant context itself, so it can have no policies: it is nobody's but the owner's.
revoke all on yardstick.login_bindings from public, yardstick_engine_role;
