create or replace function yardstick_engine.batch_measures(metric_ids uuid[])
returns table (metric_id uuid, measure_name text, measure_id uuid, agg text, is_simple boolean, measure_no bigint)
language sql
stable
set search_path = pg_catalog, pg_temp
as $batch_measures$
    select
        d.id,
        used.measure_name,
        (used.body ->> 'measure_id')::uuid,
        used.body ->> 'agg',
        d.compiled @> '{"simple": true}',
        dense_rank() over (order by (used.body ->> 'measure_id')::uuid)
    from yardstick.metric_definitions as d
    cross join lateral jsonb_each(d.compiled -> 'measures') as used (measure_name, body)
    where d.id = any(batch_measures.metric_ids)
$batch_measures$;

comment on function yardstick_engine.batch_measures(uuid[]) is
'The measures that metrics valued together use, under the names their formulas give them, numbered for the statement that values them.';
