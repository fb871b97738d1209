create or replace function yardstick_engine.held_measures(source_id uuid, as_of timestamptz)
returns uuid[]
language sql
stable
set search_path = pg_catalog, pg_temp
as $held_measures$
    select coalesce(array_agg(u.measure_id), '{}')
    from (
        select u.measure_id
        from yardstick_engine.measure_uses(array(
            select m.measure_id
            from yardstick_engine.held_metrics(held_measures.as_of) as h
            inner join yardstick.metric_definitions as d on d.id = h.metric_id and d.source_id = held_measures.source_id
            cross join lateral yardstick_engine.metric_measure_ids(h.metric_id) as m (measure_id)
            where h.organization_id is null
        )) as u
        left join yardstick_engine.held_metrics(held_measures.as_of) as h on h.metric_id = u.metric_id and h.organization_id is null
        group by u.measure_id
        having count(*) = count(h.metric_id)
    ) as u
$held_measures$;

comment on function yardstick_engine.held_measures(uuid, timestamptz) is
'Measures of a source that only metrics which are held read: they are left out of what is scanned at as_of.';
