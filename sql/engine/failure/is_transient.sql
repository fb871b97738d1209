create or replace function yardstick_engine.is_transient(error_code text)
returns boolean
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $is_transient$
    -- Serialization failure, deadlock, lock not available; disk full, and not to be written to.
    select is_transient.error_code in ('40001', '40P01', '55P03', '53100', '58030')
$is_transient$;

comment on function yardstick_engine.is_transient(text) is
'True for an SQLSTATE that tells of other sessions or of the disk and not of what was calculated: it is tried again soon and counts for nothing.';
