-- Whoever reads the keys can forge a context: they are nobody's but the owner's, also when somebody grants select on all
-- tables. Made once, here, so that no two databases share them.
revoke all on yardstick.context_keys from public, yardstick_engine_role;
alter table yardstick.context_keys enable row level security;

insert into yardstick.context_keys (id, inner_key, outer_key)
select
    1,
    sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))
    || sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())),
    sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))
    || sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))
on conflict (id) do nothing;
