create or replace function yardstick_engine.scan_groups(measure_ids uuid[])
returns table (measure_ids uuid[])
language sql
stable
set search_path = pg_catalog, pg_temp
as $scan_groups$
    select array_agg(m.id order by m.id)
    from yardstick.metric_measures as m
    where m.id = any(scan_groups.measure_ids)
    group by m.state_kind = 'sums', m.state_kind <> 'sums' and m.measure_key is null
$scan_groups$;

comment on function yardstick_engine.scan_groups(uuid[]) is
'Measures of one source, in the groups that a statement each reads: one statement keeps states of one shape.';
