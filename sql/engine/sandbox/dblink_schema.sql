-- The extension may stand in any schema, and may be missing: so its functions are called by texts that begin with this.
create or replace function yardstick_engine.dblink_schema()
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $dblink_schema$
    select quote_ident(n.nspname)
    from pg_extension as e
    inner join pg_namespace as n on e.extnamespace = n.oid
    where e.extname = 'dblink'
$dblink_schema$;

comment on function yardstick_engine.dblink_schema() is
'Quoted name of the schema in which the extension dblink stands; null: it is not installed.';
