-- The server's own pg_partition_tree locks every partition: one that its host keeps locked would hold up whoever asks for names only.
create or replace function yardstick_engine.partition_tree(relation_id oid)
returns table (relid oid, is_leaf boolean, link_version text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $partition_tree$
    with recursive

    tree as (

        select c.oid as relid, c.relkind, null::text as link_version
        from pg_class as c
        where c.oid = partition_tree.relation_id and (c.relkind = 'p' or c.relispartition)

        union all

        select c.oid, c.relkind, i.xmin::text
        from tree
        inner join pg_inherits as i on i.inhparent = tree.relid and not i.inhdetachpending
        inner join pg_class as c on c.oid = i.inhrelid
        where tree.relkind = 'p'

    )

    select tree.relid, tree.relkind <> 'p', tree.link_version
    from tree
$partition_tree$;

comment on function yardstick_engine.partition_tree(oid) is
'A partitioned table and all below it, read from the catalog without locking any of them: whether it holds rows itself, and the version of the row that links it to its parent; no row for a table that is neither.';
