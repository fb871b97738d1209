create or replace function yardstick_engine.mask_measures(source_id uuid, measure_ids uuid[])
returns table (number bigint, measure_id uuid, organization_id uuid, class_no integer)
language sql
stable
set search_path = pg_catalog, pg_temp
as $mask_measures$
    select
        row_number() over (order by coalesce(v.class_no, 0), m.id),
        m.id,
        m.organization_id,
        coalesce(v.class_no, 0)
    from yardstick.metric_measures as m
    left join yardstick_engine.value_classes(mask_measures.source_id, mask_measures.measure_ids) as v on v.expression = m.expression
    where m.id = any(mask_measures.measure_ids)
$mask_measures$;

comment on function yardstick_engine.mask_measures(uuid, uuid[]) is
'The given measures, numbered from 1: first those that only count rows (class 0), then those of each class of values.';
