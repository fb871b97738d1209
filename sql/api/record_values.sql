-- Definer, with the owner's rights, under the policies of the login.
create or replace function yardstick_api.record_values(observations jsonb)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $record_values$
declare
    organization uuid := yardstick.require_organization();
begin
    if observations is null or jsonb_typeof(observations) <> 'array' then
        raise exception using
            errcode = 'YS001',
            message = format('$: must be a list of observations; got %s', coalesce(jsonb_typeof(observations), 'nothing'));
    end if;
    return yardstick.record_observations(organization, observations, '[%s].');
end
$record_values$;

comment on function yardstick_api.record_values(jsonb) is
'Records a list of observations, with the keys that record_value has parameters, all or none; returns how many were new. '
'YS001: a key is unknown, missing or of another type. YS003: a department, team or user is not of this organization. '
'YS004: no organization chosen. YS006: a value or time is out of range.';

grant execute on function yardstick_api.record_values(jsonb) to yardstick_app, yardstick_dba, yardstick_worker;
