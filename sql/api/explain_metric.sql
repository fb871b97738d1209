-- Definer, with the owner's rights. A DBA who has chosen no organization sees the metrics of the platform.
create or replace function yardstick_api.explain_metric(metric_name text)
returns table (step text, statement text)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $explain_metric$
declare
    organization constant uuid := yardstick.defining_organization();
begin
    return query
    select e.step, e.statement
    from yardstick_engine.explain(organization, explain_metric.metric_name) as e;
end
$explain_metric$;

comment on function yardstick_api.explain_metric(text) is
'The SQL that is run for a metric, in the order in which it is run, each step with what it does in words and, as comments, what its parameters '
'are; a metric is calculated together with others of its source, here it stands alone. What belongs to other organizations is not in it. '
'YS003: no such metric. YS004: no organization chosen. YS008: its source cannot be read.';

grant execute on function yardstick_api.explain_metric(text) to yardstick_app, yardstick_dba, yardstick_worker;
