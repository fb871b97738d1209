-- How an estimate was made goes with its value; who has none pays nothing.
create or replace function yardstick_engine.method_text(metric_ids uuid[])
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $method_text$
    select format(
        $text$method as materialized (
    select m.metric_no, e.scope_no, e.period_no, string_agg(distinct e.method, ', ' order by e.method) as method
    from (values %s) as u (metric_id, base_no, method)
    inner join (
        %s
    ) as e on e.base_no = u.base_no and e.method = u.method
    inner join metric as m on m.metric_id = u.metric_id
    group by m.metric_no, e.scope_no, e.period_no
),
$text$,
        string_agg(distinct format('(%L::uuid, %s, %L)', b.metric_id, b.base_no, k.method), ', '),
        string_agg(distinct format('select e.scope_no, e.base_no, e.period_no, %L as method from %s_estimate as e', k.method, k.part), E'\n        union all\n        ')
    )
    from yardstick_engine.batch_measures(method_text.metric_ids) as b
    inner join yardstick.metric_measures as m on m.id = b.measure_id
    inner join (values ('digest', 'tdigest'), ('registers', 'hll')) as k (part, method) on k.part = m.state_kind
    where yardstick_engine.sketch_schema(k.method) is not null
    having count(*) > 0
$method_text$;

comment on function yardstick_engine.method_text(uuid[]) is
'Text of the CTE that names the estimated values of the given metrics and the method of each (tdigest, hll, or both); null when none of them can be.';
