create or replace function yardstick_engine.measure_uses(measure_ids uuid[])
returns table (measure_id uuid, measure_key text, metric_id uuid, organization_id uuid, aggregation_levels text[])
language sql
stable
set search_path = pg_catalog, pg_temp
as $measure_uses$
    with

    measure as materialized (
        select m.id, m.source_id, m.measure_key
        from yardstick.metric_measures as m
        where m.id = any(measure_uses.measure_ids)
    ),

    -- Each definition is opened once, not once for each measure of its source.
    used as (
        select d.id, d.organization_id, d.aggregation_levels, k.measure_id
        from yardstick.metric_definitions as d
        cross join lateral jsonb_each(d.compiled -> 'measures') as u (measure_name, body)
        cross join lateral (values ((u.body ->> 'measure_id')::uuid), ((u.body ->> 'squares_id')::uuid)) as k (measure_id)
        where d.source_id in (select m.source_id from measure as m)
            and d.deleted_at is null and d.is_active and d.approval_status = 'approved' and d.drifted_at is null
    )

    select m.id, m.measure_key, u.id, u.organization_id, u.aggregation_levels
    from measure as m
    inner join used as u on u.measure_id = m.id
$measure_uses$;

comment on function yardstick_engine.measure_uses(uuid[]) is
'Which metrics that calculate today use the given measures, and at which levels they are read.';
