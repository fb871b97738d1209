create or replace function yardstick_engine.metric_measure_ids(metric_id uuid)
returns setof uuid
language sql
stable
set search_path = pg_catalog, pg_temp
as $metric_measure_ids$
    select distinct m.measure_id
    from yardstick.metric_definitions as d
    cross join lateral jsonb_each(d.compiled -> 'measures') as u (measure_name, body)
    cross join lateral (
        values ((u.body ->> 'measure_id')::uuid), ((u.body ->> 'squares_id')::uuid)
    ) as m (measure_id)
    where d.id = metric_measure_ids.metric_id and m.measure_id is not null
    order by m.measure_id
$metric_measure_ids$;

comment on function yardstick_engine.metric_measure_ids(uuid) is
'The measures that a metric reads, those of its squares included.';
