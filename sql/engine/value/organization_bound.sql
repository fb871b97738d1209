create or replace function yardstick_engine.organization_bound()
returns integer
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $organization_bound$
    select 16000
$organization_bound$;

comment on function yardstick_engine.organization_bound() is
'How many organizations one statement values: the number of one has fourteen bits in those of its rows.';
