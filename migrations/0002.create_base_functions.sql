-- Defaults and policies of every table lean on these two functions, so they are older than the first table.
-- depends: 0001.open_rooms
set local role yardstick_owner;

create function yardstick.next_id()
returns uuid
language sql
volatile
parallel safe
set search_path = pg_catalog, pg_temp
as $next_id$
    select
        encode(
            set_bit(
                set_bit(
                    overlay(
                        uuid_send(gen_random_uuid())
                        placing substring(int8send(floor(extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
                        from 1 for 6
                    ),
                    52, 1
                ),
                53, 1
            ),
            'hex'
        )::uuid
$next_id$;

comment on function yardstick.next_id() is
'A new uuid of version 7: ordered by the millisecond it was made in, then random.';

-- Nobody has an organization until the deploy puts the real one in its place: a table is never open by accident.
create function yardstick.current_organization()
returns uuid
language sql
stable
parallel restricted
security definer
set search_path = pg_catalog, pg_temp
as $current_organization$
    select null::uuid
$current_organization$;

comment on function yardstick.current_organization() is
'Organization this session works for; null when there is none, and then no row of any organization is visible.';

grant execute on function yardstick.next_id() to yardstick_engine_role;
grant execute on function yardstick.current_organization()
to yardstick_engine_role, yardstick_app, yardstick_bi, yardstick_dba, yardstick_worker;
