create or replace function yardstick_engine.measure_uses(measure_ids uuid[])
returns table (measure_id uuid, measure_key text, metric_id uuid, organization_id uuid, aggregation_levels text[])
language sql
stable
set search_path = pg_catalog, pg_temp
as $measure_uses$
    -- Put down first, and each by itself: else every measure is held against every metric of the source.
    with

    used as materialized (
        select d.id, d.source_id, d.organization_id, d.aggregation_levels, u.measure_id
        from yardstick.metric_definitions as d
        cross join lateral jsonb_each(d.compiled -> 'measures') as b (measure_name, body)
        cross join lateral (values ((b.body ->> 'measure_id')::uuid), ((b.body ->> 'squares_id')::uuid)) as u (measure_id)
        where
            d.source_id = any(array(select distinct k.source_id from yardstick.metric_measures as k where k.id = any(measure_uses.measure_ids)))
            and d.deleted_at is null and d.is_active and d.approval_status = 'approved' and d.drifted_at is null
    )

    select m.id, m.measure_key, u.id, u.organization_id, u.aggregation_levels
    from used as u
    inner join yardstick.metric_measures as m on m.id = u.measure_id and m.source_id = u.source_id
    where m.id = any(measure_uses.measure_ids)
$measure_uses$;

comment on function yardstick_engine.measure_uses(uuid[]) is
'Which metrics that calculate today use the given measures, and at which levels they are read.';
