create or replace function yardstick_engine.sketch_bound()
returns integer
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $sketch_bound$
    select 1000
$sketch_bound$;

comment on function yardstick_engine.sketch_bound() is
'Up to how many values (or different values) percentiles and distinct counts that may be estimated are exact.';
