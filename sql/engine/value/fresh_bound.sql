create or replace function yardstick_engine.fresh_bound()
returns integer
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $fresh_bound$
    -- A statement more costs some 70 ms; a value that is compared with nothing costs 30 us less than one that is.
    select 2000
$fresh_bound$;

comment on function yardstick_engine.fresh_bound() is
'From how many changed cells on periods that no rows stand of are valued in statements of their own.';
