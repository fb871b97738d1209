-- Definer, with the owner's rights. A DBA who has chosen no organization sees the metrics of the platform and their uses there.
create or replace function yardstick_api.metric_lineage(metric_name text)
returns table (
    direction   text,
    depth       integer,
    kind        text,
    name        text,
    id          uuid,
    relation    text,
    weight      numeric,
    lag_periods integer,
    path        text
)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $metric_lineage$
declare
    organization constant uuid := yardstick.defining_organization();
begin
    return query
    select l.direction, l.depth, l.kind, l.name, l.id, l.relation, l.weight, l.lag_periods, l.path
    from yardstick_engine.lineage(
        organization, yardstick_engine.find_metric(organization, metric_lineage.metric_name), yardstick.current_user_id()
    ) as l
    order by l.direction desc, l.depth, l.kind, l.name, l.id;
end
$metric_lineage$;

comment on function yardstick_api.metric_lineage(text) is
'One row per thing that a metric is made of (direction up: metric, source, source_column) or that uses it (down: metric, '
'alert, widget, dashboard, report, schedule), by the shortest way; what belongs to another person alone has no name. '
'YS003: no such metric. YS004: no organization chosen.';

grant execute on function yardstick_api.metric_lineage(text) to yardstick_app, yardstick_dba, yardstick_worker;
