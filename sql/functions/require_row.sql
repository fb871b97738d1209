create or replace function yardstick.require_row(relation text, path text, key text)
returns uuid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $require_row$
declare
    row_id uuid := yardstick.find_row(relation, key);
begin
    if row_id is null and key is not null then
        raise exception using
            errcode = 'YS003',
            message = format('%s: unknown %s "%s"; give its id or external_id, and sync it first', path, rtrim(relation, 's'), key);
    end if;
    return row_id;
end
$require_row$;

comment on function yardstick.require_row(text, text, text) is
'As find_row, but an unknown key is refused (YS003) with the path of the key that named it; null stays null.';
