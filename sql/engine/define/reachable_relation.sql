-- Looks in the catalog by name: the functions that turn names into relations raise errors of their own where rights are missing.
create or replace function yardstick_engine.reachable_relation(relation text)
returns table (is_there boolean, missing_grants text, readable_relation text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $reachable_relation$
    select
        f.relation_id is not null,
        g.missing_grants,
        case when f.relation_id is not null and g.missing_grants is null then reachable_relation.relation end
    from parse_ident(reachable_relation.relation) as p (parts)
    left join lateral (
        select c.oid as relation_id, n.oid as schema_id, n.nspname as schema_name
        from pg_class as c
        inner join pg_namespace as n on n.oid = c.relnamespace
        where n.nspname = p.parts[1] and c.relname = p.parts[2] and c.relkind in ('r', 'p', 'v', 'm', 'f')
    ) as f on true
    cross join lateral (
        select nullif(concat_ws(
            ' ',
            case when not has_schema_privilege('yardstick_reader', f.schema_id, 'usage') then
                format('grant usage on schema %I to yardstick_reader;', f.schema_name) end,
            case when not has_table_privilege('yardstick_reader', f.relation_id, 'select') then
                format('grant select on %s to yardstick_reader;', reachable_relation.relation) end
        ), '') as missing_grants
    ) as g
$reachable_relation$;

comment on function yardstick_engine.reachable_relation(text) is
'Whether a registered relation is there, the GRANT that yardstick_reader lacks to read it, and its name where nothing is in the way.';
