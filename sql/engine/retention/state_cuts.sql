-- A state stays as long as any metric that reads its measure needs it, retired ones included; what these alone read goes by remove_unread.
create or replace function yardstick_engine.state_cuts()
returns table (organization_id uuid, measure_id uuid, kept_from date, days_kept_from date)
language sql
stable
set search_path = pg_catalog, pg_temp
as $state_cuts$
    select o.organization_id, u.measure_id, min(m.kept_from), min(m.days_kept_from)
    from (
        select distinct d.id as metric_id, d.organization_id, k.measure_id::uuid as measure_id
        from yardstick.metric_definitions as d
        cross join lateral jsonb_each(d.compiled -> 'measures') as used (measure_name, body)
        cross join lateral (values (used.body ->> 'measure_id'), (used.body ->> 'squares_id')) as k (measure_id)
        where k.measure_id is not null
    ) as u
    inner join (select distinct r.organization_id from yardstick.retention_marks as r) as o
        on u.organization_id is null or u.organization_id = o.organization_id
    left join yardstick_engine.removable_marks() as m on m.organization_id = o.organization_id and m.metric_id = u.metric_id
    group by o.organization_id, u.measure_id
    having bool_and(m.metric_id is not null)
$state_cuts$;

comment on function yardstick_engine.state_cuts() is
'The first dates whose states are still needed, per organization and measure of which every metric has let its older values go.';
