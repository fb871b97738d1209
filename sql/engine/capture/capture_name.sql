create or replace function yardstick_engine.capture_name(source_id uuid)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
return 'capture_' || replace(capture_name.source_id::text, '-', '');

comment on function yardstick_engine.capture_name(uuid) is
'Name of the function in schema yardstick that notes the changes of a source.';
