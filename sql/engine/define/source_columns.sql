create or replace function yardstick_engine.source_columns(source_id uuid)
returns table (column_name text, type_name text, read_expression text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $source_columns$
    select
        c.column_name,
        c.type_name,
        c.read_expression
    from yardstick.metric_sources as s
    cross join lateral yardstick_engine.relation_columns(s.relation) as c
    where s.id = source_columns.source_id
$source_columns$;

comment on function yardstick_engine.source_columns(uuid) is
'Columns of a source that expressions may use, the type they are offered as, and the SQL that reads them so.';
