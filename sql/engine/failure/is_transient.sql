create or replace function yardstick_engine.is_transient(error_code text)
returns boolean
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $is_transient$
    -- Serialization failure, deadlock, lock not available.
    select is_transient.error_code in ('40001', '40P01', '55P03')
$is_transient$;

comment on function yardstick_engine.is_transient(text) is
'True for an SQLSTATE that tells of other sessions and not of what was calculated: it is tried again soon and counts for nothing.';
