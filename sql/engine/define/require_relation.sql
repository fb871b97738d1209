-- Looks in the catalog by name: the functions that turn names into relations raise errors of their own where rights are missing.
create or replace function yardstick_engine.require_relation(path text, relation_name text)
returns oid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $require_relation$
declare
    parts    text[];
    relation record;
    grants   text;
begin
    begin
        parts := parse_ident(relation_name);
    exception when invalid_parameter_value then
        parts := '{}';
    end;
    if cardinality(parts) <> 2 then
        raise exception using
            errcode = 'YS001', message = format('%s: must name a table or view with its schema, such as quality.capas; got "%s"', path, left(relation_name, 100));
    end if;
    select
        c.oid,
        n.oid as schema_id,
        n.nspname as schema_name,
        c.relname as relation_name
    into relation
    from pg_class as c
    inner join pg_namespace as n on c.relnamespace = n.oid
    where n.nspname = parts[1] and c.relname = parts[2] and c.relkind in ('r', 'p', 'v', 'm', 'f');
    if not found then
        raise exception using errcode = 'YS003', message = format('%s: there is no table or view %I.%I', path, parts[1], parts[2]);
    end if;
    if relation.schema_name ~ '^(pg_|yardstick(_|$)|information_schema$)' then
        raise exception using
            errcode = 'YS001', message = format('%s: tables of the schema %I cannot be registered', path, relation.schema_name);
    end if;
    grants := concat_ws(
        ' ',
        case when not has_schema_privilege('yardstick_reader', relation.schema_id, 'usage') then
            format('grant usage on schema %I to yardstick_reader;', relation.schema_name) end,
        case when not has_table_privilege('yardstick_reader', relation.oid, 'select') then
            format('grant select on %I.%I to yardstick_reader;', relation.schema_name, relation.relation_name) end
    );
    if grants <> '' then
        raise exception using
            errcode = 'YS008',
            message = format('%s: yardstick_reader cannot read %I.%I; type: %s', path, relation.schema_name, relation.relation_name, grants);
    end if;
    return relation.oid;
end
$require_relation$;

comment on function yardstick_engine.require_relation(text, text) is
'The table or view of this name; refused when there is none, or (YS008, with the GRANT to type) when yardstick_reader cannot read it.';
