-- Definer, with the owner's rights, under the policies of the login.
create or replace function yardstick_api.reject_metric(
    metric_name text,
    reason      text
)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $reject_metric$
begin
    return yardstick_engine.reject_version(
        yardstick.defining_organization(), yardstick.current_user_id(), reject_metric.metric_name, reject_metric.reason
    );
end
$reject_metric$;

comment on function yardstick_api.reject_metric(text, text) is
'Rejects the version in review of a metric and returns its number; what serves goes on serving. YS001: no reason. YS003: no such metric. '
'YS004: no organization chosen. YS005: not this person. YS007: nothing is in review.';

grant execute on function yardstick_api.reject_metric(text, text) to yardstick_app, yardstick_dba, yardstick_worker;
