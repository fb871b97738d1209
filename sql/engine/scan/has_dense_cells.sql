-- Whether rows are first put together that meet the same conditions in the same cell. That pays where a cell has many rows for each
-- such set of conditions, and keeps memory bounded where a week is one huge statement; where nothing is known, it is done.
create or replace function yardstick_engine.has_dense_cells(source yardstick.metric_sources, mask_count numeric)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $has_dense_cells$
    select coalesce(
        k.row_count / (k.day_count * k.unit_count) > has_dense_cells.mask_count / 2 or k.row_count / k.day_count > 300000,
        true
    )
    from (
        select
            nullif(greatest(c.reltuples, 0), 0)::numeric as row_count,
            (
                select greatest(1, 1 + extract(epoch from b.bounds[cardinality(b.bounds)] - b.bounds[1]) / 86400)
                from pg_stats as s
                cross join lateral (select s.histogram_bounds::text::timestamp[] as bounds) as b
                where s.schemaname = n.nspname and s.tablename = c.relname and s.attname = has_dense_cells.source.time_column
                order by s.inherited desc
                limit 1
            ) as day_count,
            (
                select greatest(1, max(case when s.n_distinct < 0 then -s.n_distinct * c.reltuples else s.n_distinct end))::numeric
                from pg_stats as s
                where s.schemaname = n.nspname and s.tablename = c.relname
                    and s.attname in (has_dense_cells.source.organization_column, has_dense_cells.source.department_column)
            ) as unit_count
        from pg_class as c
        inner join pg_namespace as n on n.oid = c.relnamespace
        where c.oid = to_regclass(has_dense_cells.source.relation)
    ) as k
$has_dense_cells$;

comment on function yardstick_engine.has_dense_cells(yardstick.metric_sources, numeric) is
'Whether a day of a department has many rows for each of so many sets of conditions that hold together (mask_count), as far as the statistics of the source tell; true when they do not.';
