-- numeric(p,s) holds no infinities, and up to 18 digits fit a bigint: such values add up and compare as whole numbers at half the cost
-- of decimals. Only a table enforces what its column declares.
create or replace function yardstick_engine.scale_of(relation text, column_name text)
returns integer
language sql
stable
set search_path = pg_catalog, pg_temp
as $scale_of$
    select t.scale
    from pg_class as c
    inner join pg_attribute as a on a.attrelid = c.oid
    cross join lateral (
        -- The scale is a signed number of eleven bits since PostgreSQL 15.
        select (a.atttypmod - 4) >> 16 as precision, (((a.atttypmod - 4) & 2047) # 1024) - 1024 as scale
    ) as t
    where c.oid = to_regclass(scale_of.relation) and c.relkind in ('r', 'p')
        and a.attname = scale_of.column_name and a.attnum > 0 and not a.attisdropped
        and a.atttypid = 'numeric'::regtype and a.atttypmod >= 4 and t.precision <= 18 and t.scale >= 0
$scale_of$;

comment on function yardstick_engine.scale_of(text, text) is
'Decimal places of a column whose values, with the point left out, all fit a bigint; null: of no other column is that certain.';
