-- What it reads now is what it was compiled against: whatever had drifted before is over.
create or replace function yardstick_engine.remember_columns(metric_ids uuid[])
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
-- The row counts of functions are guesses, and so high that every call would be compiled first.
set jit = off
as $remember_columns$
    with

    sources as (

        select d.id as metric_id, s.id as source_id, s.relation
        from yardstick.metric_definitions as d
        inner join yardstick.metric_sources as s
            on s.id = d.source_id
            or (jsonb_typeof(d.compiled -> 'sources') = 'array' and d.compiled -> 'sources' ? s.id::text)
        where d.id = any(remember_columns.metric_ids)

    ),

    offered as materialized (

        select s.source_id, c.column_name, c.type_name
        from (select distinct sources.source_id, sources.relation from sources) as s
        cross join lateral yardstick_engine.reachable_relation(s.relation) as r
        cross join lateral yardstick_engine.relation_columns(r.readable_relation) as c

    ),

    used as (

        select distinct u.metric_id, u.source_id, u.column_name
        from yardstick_engine.used_columns(remember_columns.metric_ids) as u

    ),

    known as (

        select sources.metric_id, jsonb_object_agg(sources.source_id, c.columns) as columns
        from sources
        cross join lateral (
            select coalesce(jsonb_object_agg(used.column_name, offered.type_name), '{}') as columns
            from used
            left join offered on offered.source_id = used.source_id and offered.column_name = used.column_name
            where used.metric_id = sources.metric_id and used.source_id = sources.source_id
        ) as c
        group by sources.metric_id

    )

    update yardstick.metric_definitions as d
    set known_columns = coalesce(k.columns, '{}'), drifted_at = null, drift_reason = null
    from unnest(remember_columns.metric_ids) as m (metric_id)
    left join known as k on k.metric_id = m.metric_id
    where d.id = m.metric_id
$remember_columns$;

comment on function yardstick_engine.remember_columns(uuid[]) is
'Has metrics know the columns they read as these are now, and ends what had drifted.';
