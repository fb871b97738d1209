-- Definer, with the owner's rights, under the policies of the login.
create or replace function yardstick_api.record_value(
    metric_name   text,
    value         numeric,
    measured_at   timestamptz default now(),
    department_id uuid default null,
    team_id       uuid default null,
    user_id       uuid default null,
    value_text    text default null,
    entity_type   text default null,
    entity_id     text default null,
    reason        text default null,
    tags          jsonb default null,
    id            uuid default null
)
returns uuid
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
set datestyle = 'ISO, YMD'
as $record_value$
declare
    organization uuid := yardstick.require_organization();
    new_id       uuid := coalesce(record_value.id, yardstick.next_id());
    instant      timestamptz := coalesce(record_value.measured_at, now());
begin
    if not isfinite(instant) or instant not between timestamptz '1990-01-01 00:00:00+00' and now() + interval '5 years' then
        raise exception using
            errcode = 'YS006', message = 'measured_at: must lie between 1990 and five years from now';
    end if;
    perform yardstick.record_observations(
        organization,
        jsonb_build_array(jsonb_build_object(
            'metric_name', record_value.metric_name, 'value', record_value.value, 'measured_at', instant,
            'department_id', record_value.department_id, 'team_id', record_value.team_id, 'user_id', record_value.user_id,
            'value_text', record_value.value_text, 'entity_type', record_value.entity_type, 'entity_id', record_value.entity_id,
            'reason', record_value.reason, 'tags', record_value.tags, 'id', new_id
        )),
        ''
    );
    return new_id;
end
$record_value$;

comment on function yardstick_api.record_value(text, numeric, timestamptz, uuid, uuid, uuid, text, text, text, text, jsonb, uuid) is
'Records one observation and returns its id; the same id again records nothing. '
'YS001: a key is missing. YS003: the department, team or user is not of this organization. YS004: no organization '
'chosen. YS006: value or time is out of range.';

grant execute on function yardstick_api.record_value(text, numeric, timestamptz, uuid, uuid, uuid, text, text, text, text, jsonb, uuid)
to yardstick_app, yardstick_dba, yardstick_worker;
