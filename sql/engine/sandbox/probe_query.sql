create or replace function yardstick_engine.probe_query(key_path text, query text, source_ids uuid[])
returns jsonb
language sql
volatile
set search_path = pg_catalog, pg_temp
as $probe_query$
    select yardstick_engine.probe_select(
        probe_query.key_path,
        probe_query.query,
        (
            select coalesce(jsonb_agg(jsonb_build_object('name', s.source_name, 'columns', c.columns) order by s.source_name), '[]')
            from yardstick.metric_sources as s
            cross join lateral (
                select coalesce(jsonb_agg(jsonb_build_array(f.column_name, f.type_name)), '[]') as columns
                from yardstick_engine.source_columns(s.id) as f
            ) as c
            where s.id = any (probe_query.source_ids)
        )
    )
$probe_query$;

comment on function yardstick_engine.probe_query(text, text, uuid[]) is
'Checks a SELECT over the given sources and returns {"query": canonical text, "columns": [{name, type}], "uses": {source: [columns]}}; '
'raises YS002 with what is wrong and what to write instead.';
