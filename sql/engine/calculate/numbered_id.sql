-- A random id for each of many rows costs as much as the key they are stored under; drawn once a statement and counted on, a tenth.
-- No SET clause, so that it is inlined.
create or replace function yardstick_engine.numbered_id(random_id uuid, number bigint)
returns uuid
language sql
immutable
parallel safe
-- Twelve digits, of which eleven count.
return (left(numbered_id.random_id::text, 24) || to_hex(17592186044416 + numbered_id.number))::uuid;

comment on function yardstick_engine.numbered_id(uuid, bigint) is
'Id of the row of a number, 1 to 2^44, among those of one statement, which draws random_id: its last twelve digits are replaced.';
