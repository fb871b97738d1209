-- Definer, with the owner's rights, under the policies of the login.
create or replace function yardstick_api.submit_metric(
    metric_name text,
    note        text default null
)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $submit_metric$
begin
    return yardstick_engine.submit_version(
        yardstick.defining_organization(), yardstick.current_user_id(), submit_metric.metric_name, submit_metric.note
    );
end
$submit_metric$;

comment on function yardstick_api.submit_metric(text, text) is
'Submits the draft of a metric for review and returns its version. A DBA who has chosen no organization submits for the platform. '
'YS003: no such metric. YS004: no organization chosen. YS007: there is no draft.';

grant execute on function yardstick_api.submit_metric(text, text) to yardstick_app, yardstick_dba, yardstick_worker;
