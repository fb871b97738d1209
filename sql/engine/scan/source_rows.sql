create or replace function yardstick_engine.source_rows(source_id uuid)
returns double precision
language sql
stable
set search_path = pg_catalog, pg_temp
as $source_rows$
    select case
        when c.relkind = 'r' then greatest(c.reltuples, 0)
        when c.relkind = 'p' then (
            select sum(greatest(leaf.reltuples, 0))
            from yardstick_engine.partition_tree(c.oid) as t
            inner join pg_class as leaf on leaf.oid = t.relid
            where t.is_leaf
        )
        else 500000
    end
    from yardstick.metric_sources as m
    cross join lateral yardstick_engine.reachable_relation(m.relation) as r
    inner join pg_class as c on c.oid = to_regclass(r.readable_relation)
    where m.id = source_rows.source_id
$source_rows$;

comment on function yardstick_engine.source_rows(uuid) is
'Rows of a source as the planner estimates them; half a million where it has no estimate, of views and foreign tables; null when it cannot be reached.';
