create or replace function yardstick_engine.metric_bound()
returns integer
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $metric_bound$
    -- Each statement costs some 20 ms before it values anything; but each formula reads the states of all metrics in it.
    select 100
$metric_bound$;

comment on function yardstick_engine.metric_bound() is
'How many metrics one statement values at most; the number of one has eight bits in those of its rows.';
