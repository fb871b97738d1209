create or replace function yardstick_engine.lineage_sources(metric_ids uuid[], depths integer[], paths text[])
returns table (depth integer, kind text, name text, id uuid, relation text, path text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $lineage_sources$
    with

    found as (

        select f.metric_id, f.depth, f.path
        from unnest(lineage_sources.metric_ids, lineage_sources.depths, lineage_sources.paths) as f (metric_id, depth, path)

    ),

    sources as (

        select distinct on (s.id) s.id, s.source_name, s.relation, found.metric_id, found.depth, found.path
        from found
        inner join yardstick.metric_definitions as d on d.id = found.metric_id
        inner join yardstick.metric_sources as s
            on s.id = d.source_id
            or (jsonb_typeof(d.compiled -> 'sources') = 'array' and d.compiled -> 'sources' ? s.id::text)
        order by s.id, found.depth, found.path

    ),

    -- A column by the shortest way to a metric that reads it, with everything that one reads it for.
    columns as (

        select distinct on (u.source_id, u.column_name)
            u.source_id, u.column_name, u.relation, found.depth, found.path
        from found
        inner join (
            select c.metric_id, c.source_id, c.column_name, string_agg(distinct c.used_for, ', ' order by c.used_for) as relation
            from yardstick_engine.used_columns(lineage_sources.metric_ids) as c
            group by c.metric_id, c.source_id, c.column_name
        ) as u on u.metric_id = found.metric_id
        order by u.source_id, u.column_name, found.depth, found.path

    )

    select sources.depth + 1, 'source', sources.source_name, sources.id, sources.relation, sources.path || ' <- ' || sources.source_name
    from sources
    union all
    select
        columns.depth + 2, 'source_column', format('%s.%I', s.relation, columns.column_name), s.id, columns.relation,
        format('%s <- %s <- %s.%I', columns.path, s.source_name, s.relation, columns.column_name)
    from columns
    inner join yardstick.metric_sources as s on s.id = columns.source_id
    order by 1, 2, 3
$lineage_sources$;

comment on function yardstick_engine.lineage_sources(uuid[], integer[], text[]) is
'The sources and columns that the metrics found upstream read, each by the shortest way.';
