create or replace function yardstick.keep_audit()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $keep_audit$
begin
    raise exception using
        errcode = 'YS007',
        message = format('%s only grows: no row of it is changed or removed', tg_table_name);
end
$keep_audit$;

comment on function yardstick.keep_audit() is
'Trigger: refuses (YS007) what would change or remove rows of the audit.';
