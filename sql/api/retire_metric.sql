-- Definer, with the owner's rights. A DBA who has chosen no organization retires a metric of the whole platform.
create or replace function yardstick_api.retire_metric(metric_name text)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $retire_metric$
declare
    organization uuid := yardstick.current_organization();
begin
    if organization is null and not pg_has_role(session_user, 'yardstick_dba', 'member') then
        organization := yardstick.require_organization();
    end if;
    perform yardstick_engine.retire_definition(retire_metric.metric_name, organization, yardstick.current_user_id());
end
$retire_metric$;

comment on function yardstick_api.retire_metric(text) is
'Takes a metric out of use: it is calculated no more and shown no more, its values are kept, and define_metric brings it back. '
'YS001: another metric is made of it. YS003: no such metric. YS004: no organization chosen.';

grant execute on function yardstick_api.retire_metric(text) to yardstick_app, yardstick_dba, yardstick_worker;
