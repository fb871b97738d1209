create or replace function yardstick_engine.has_cell_index(source_id uuid)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $has_cell_index$
    select exists (
        select
        from yardstick.metric_sources as s
        inner join pg_index as i on i.indrelid = to_regclass(s.relation) and i.indisvalid and i.indpred is null
        inner join pg_am as m on m.amname = 'btree' and m.oid = (select c.relam from pg_class as c where c.oid = i.indexrelid)
        inner join pg_attribute as o
            on o.attrelid = i.indrelid and o.attname = s.organization_column
            and o.atttypid in ('uuid'::regtype, 'text'::regtype, 'varchar'::regtype)
        inner join pg_attribute as k
            on k.attrelid = i.indrelid and k.attname = s.key_column and k.atttypid in ('text'::regtype, 'varchar'::regtype)
        inner join pg_attribute as t on t.attrelid = i.indrelid and t.attname = s.time_column
        where s.id = has_cell_index.source_id
            and (i.indkey[0] = o.attnum and i.indkey[1] = k.attnum or i.indkey[0] = k.attnum and i.indkey[1] = o.attnum)
            and i.indkey[2] = t.attnum
    )
$has_cell_index$;

comment on function yardstick_engine.has_cell_index(uuid) is
'Whether the rows of one organization and key in a stretch of time are found by an index of the source: a B-tree on its organization and key columns, in either order, and then its time column.';
