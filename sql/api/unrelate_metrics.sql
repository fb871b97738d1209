-- Definer, with the owner's rights. A DBA who has chosen no organization takes back what the platform relates.
create or replace function yardstick_api.unrelate_metrics(parent_metric text, child_metric text)
returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $unrelate_metrics$
declare
    organization constant uuid := yardstick.defining_organization();
begin
    return yardstick_engine.remove_relationship(organization, unrelate_metrics.parent_metric, unrelate_metrics.child_metric);
end
$unrelate_metrics$;

comment on function yardstick_api.unrelate_metrics(text, text) is
'Takes the relationship of two metrics back; false: there was none. YS001: the parent is calculated from the child. YS003: '
'no such metric. YS004: no organization chosen.';

grant execute on function yardstick_api.unrelate_metrics(text, text) to yardstick_app, yardstick_dba, yardstick_worker;
