-- Types that users make (enums, domains) and those with odd rules are read as the plain type underneath, so that expressions
-- use only functions we know. Columns of any other type are not offered.
create or replace function yardstick_engine.relation_columns(relation text)
returns table (column_name text, type_name text, read_expression text)
language sql
stable
set search_path = pg_catalog, pg_temp
set quote_all_identifiers = off
as $relation_columns$
    with recursive

    base_types as (

        select
            a.attname::text as column_name,
            a.attnum,
            a.atttypid as declared_type,
            a.atttypid as type_id
        from pg_attribute as a
        where a.attrelid = to_regclass(relation_columns.relation) and a.attnum > 0 and not a.attisdropped

        union all

        select
            b.column_name,
            b.attnum,
            b.declared_type,
            t.typbasetype
        from base_types as b
        inner join pg_type as t on b.type_id = t.oid
        where t.typtype = 'd'

    ),

    offered as (

        select
            b.column_name,
            b.attnum,
            b.declared_type,
            case
                when t.typtype = 'e' then 'text'
                when t.typname = 'citext' then 'text'
                when t.typnamespace <> 'pg_catalog'::regnamespace then null
                when t.typname in ('varchar', 'bpchar', 'name', 'inet', 'cidr', 'macaddr', 'macaddr8') then 'text'
                when t.typname in ('float4', 'float8', 'money') then 'numeric'
                when t.typname = 'json' then 'jsonb'
                when t.typname = '_varchar' then 'text[]'
                when format_type(t.oid, null) = any (yardstick_engine.allowed_types()) then format_type(t.oid, null)
            end as type_name
        from base_types as b
        inner join pg_type as t on b.type_id = t.oid
        where t.typtype <> 'd'

    )

    select
        offered.column_name,
        offered.type_name,
        case
            when format_type(offered.declared_type, null) = offered.type_name then quote_ident(offered.column_name)
            else format('%I::%s', offered.column_name, offered.type_name)
        end
    from offered
    where offered.type_name is not null and offered.column_name <> 'yardstick_expression'
    order by offered.attnum
$relation_columns$;

comment on function yardstick_engine.relation_columns(text) is
'Columns of a relation that expressions may use, the type they are offered as, and the SQL that reads them so.';
