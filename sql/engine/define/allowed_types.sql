-- No float: sums of it depend on the order of the rows. No reg* types: reading one looks into the catalog.
create or replace function yardstick_engine.allowed_types()
returns text[]
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $allowed_types$
    select t.names || array(select n.name || '[]' from unnest(t.names) as n (name))
    from (
        values (array[
            'boolean', 'smallint', 'integer', 'bigint', 'numeric', 'text', 'character varying', 'character', 'date',
            'timestamp without time zone', 'timestamp with time zone', 'time without time zone', 'interval', 'uuid', 'jsonb'
        ])
    ) as t (names)
$allowed_types$;

comment on function yardstick_engine.allowed_types() is
'Names of the types that columns, literals and results of filters, values and formulas may have.';

grant execute on function yardstick_engine.allowed_types() to yardstick_formula;
