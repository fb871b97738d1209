-- Definer, with the owner's rights. A DBA who has chosen no organization relates metrics of the platform.
create or replace function yardstick_api.relate_metrics(
    parent_metric     text,
    child_metric      text,
    relationship_type text,
    weight            numeric default 1.0,
    lag_periods       integer default 0
)
returns uuid
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $relate_metrics$
declare
    organization constant uuid := yardstick.defining_organization();
begin
    return yardstick_engine.save_relationship(
        organization, relate_metrics.parent_metric, relate_metrics.child_metric, relate_metrics.relationship_type,
        relate_metrics.weight, relate_metrics.lag_periods
    );
end
$relate_metrics$;

comment on function yardstick_api.relate_metrics(text, text, text, numeric, integer) is
'Says that a metric is contributed to by, depends on or correlates with another (contributes_to, depends_on, '
'correlates_with) so many periods later, and returns the id of the relationship; the same pair again changes type, weight '
'and lag. YS001: a value makes no sense, or a metric would become part of itself. YS003: no such metric. YS004: no '
'organization chosen. YS007: the transaction is not READ COMMITTED.';

grant execute on function yardstick_api.relate_metrics(text, text, text, numeric, integer)
to yardstick_app, yardstick_dba, yardstick_worker;
