-- Definer, with the engine's rights: whoever runs the database asks through yardstick_ops.source_lineage.
create or replace function yardstick_engine.metric_children()
returns table (parent_metric_id uuid, child_metric_id uuid, weight numeric, lag_periods integer)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $metric_children$
    select distinct on (d.id, c.id)
        d.id, c.id, coalesce((u.body ->> 'weight')::numeric, 1.0), coalesce((u.body ->> 'lag')::integer, 0)
    from yardstick.metric_definitions as d
    cross join lateral jsonb_each(
        case when jsonb_typeof(d.compiled -> 'children') = 'object' then d.compiled -> 'children' else '{}' end
    ) as u (alias, body)
    inner join yardstick.metric_definitions as c on c.id::text = u.body ->> 'metric_id' and c.deleted_at is null
    where d.deleted_at is null
    order by d.id, c.id, u.alias
$metric_children$;

comment on function yardstick_engine.metric_children() is
'One row per metric in use and metric that it is calculated from.';

grant execute on function yardstick_engine.metric_children() to yardstick_dba, yardstick_worker;
