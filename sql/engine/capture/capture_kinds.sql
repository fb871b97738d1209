-- trigger_type as in pg_trigger.tgtype: 2 before, 4 insert, 8 delete, 16 update, 32 truncate; none is for each row.
create or replace function yardstick_engine.capture_kinds()
returns table (event text, moment text, trigger_type integer, old_name name, new_name name)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $capture_kinds$
    values
    ('insert', 'after', 4, null::name, 'new_rows'::name),
    ('update', 'after', 16, 'old_rows', 'new_rows'),
    ('delete', 'after', 8, 'old_rows', null),
    -- Before the rows go, as a statement that is refused leaves nothing behind either.
    ('truncate', 'before', 34, null, null)
$capture_kinds$;

comment on function yardstick_engine.capture_kinds() is
'The four triggers that note the changes of a source: event, moment, pg_trigger.tgtype, and the names of the old and new rows.';
grant execute on function yardstick_engine.capture_kinds() to yardstick_dba;
