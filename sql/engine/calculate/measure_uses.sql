create or replace function yardstick_engine.measure_uses(measure_ids uuid[])
returns table (measure_id uuid, measure_key text, metric_id uuid, organization_id uuid, aggregation_levels text[])
language sql
stable
set search_path = pg_catalog, pg_temp
as $measure_uses$
    select m.id, m.measure_key, d.id, d.organization_id, d.aggregation_levels
    from yardstick.metric_measures as m
    inner join yardstick.metric_definitions as d
        on d.source_id = m.source_id and d.deleted_at is null and d.is_active and d.approval_status = 'approved' and d.drifted_at is null
    cross join lateral jsonb_each(d.compiled -> 'measures') as used (measure_name, body)
    where
        m.id = any(measure_uses.measure_ids)
        and m.id in ((used.body ->> 'measure_id')::uuid, (used.body ->> 'squares_id')::uuid)
$measure_uses$;

comment on function yardstick_engine.measure_uses(uuid[]) is
'Which metrics that calculate today use the given measures, and at which levels they are read.';
