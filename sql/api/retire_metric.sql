-- Definer, with the owner's rights, under the policies of the login.
create or replace function yardstick_api.retire_metric(
    metric_name text,
    reason      text
)
returns uuid
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $retire_metric$
begin
    return yardstick_engine.retire_definition(
        yardstick.defining_organization(), yardstick.current_user_id(), retire_metric.metric_name, retire_metric.reason
    );
end
$retire_metric$;

comment on function yardstick_api.retire_metric(text, text) is
'Ends the calculation of a metric and returns its id; its values, versions and approvals stay. YS001: no reason. YS003: no such metric. '
'YS004: no organization chosen. YS005: not this person. YS007: another metric is made of it.';

grant execute on function yardstick_api.retire_metric(text, text) to yardstick_app, yardstick_dba, yardstick_worker;
