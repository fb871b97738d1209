-- Ordered by time, so that new rows go to the end of an index; not the server's own version 7, which begins with 18.
create or replace function yardstick.next_id()
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

grant execute on function yardstick.next_id() to yardstick_engine_role;
