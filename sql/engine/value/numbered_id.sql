-- A random id for each of many rows costs as much as the key they are stored under; drawn once a statement and counted on, a tenth.
-- No SET clause, so that it is inlined.
create or replace function yardstick_engine.numbered_id(random_id uuid, number bigint)
returns uuid
language sql
immutable
parallel safe
-- With the sign, all sixteen digits are written.
return (left(numbered_id.random_id::text, 19) || to_hex(numbered_id.number | '-9223372036854775808'::bigint))::uuid;

comment on function yardstick_engine.numbered_id(uuid, bigint) is
'Id of the row of a number, 0 or more, among those of one statement, which draws random_id: its last sixteen digits are replaced.';
