-- Definer, with the owner's rights, under the policies of the login.
create or replace function yardstick_api.change_set(
    metric_names text[]
)
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $change_set$
begin
    return yardstick_engine.change_set_hash(yardstick.defining_organization(), change_set.metric_names);
end
$change_set$;

comment on function yardstick_api.change_set(text[]) is
'Hash of the versions in review of these metrics, in hexadecimal: what approve_change_set approves. YS001: one is named twice. YS003: no such '
'metric. YS004: no organization chosen. YS007: one of them is not in review.';

grant execute on function yardstick_api.change_set(text[]) to yardstick_app, yardstick_dba, yardstick_worker;
