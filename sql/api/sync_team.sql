-- Definer, with the owner's rights, under the policies of the login.
create or replace function yardstick_api.sync_team(team jsonb)
returns uuid
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $sync_team$
declare
    input          jsonb := sync_team.team;
    row_id         uuid;
    department_key uuid;
begin
    perform yardstick.begin_sync(input, '{
        "id": "uuid!", "external_id": "key", "team_name": "text!", "department_id": "key", "is_active": "boolean!"
    }');
    row_id := yardstick.find_row_to_sync('teams', input);
    department_key := yardstick.require_row('departments', 'department_id', input ->> 'department_id');

    if row_id is null then
        return yardstick.insert_row('teams', input, 'team_name', jsonb_build_object('department_id', department_key));
    end if;

    update yardstick.teams as t
    set
        external_id = case when input ? 'external_id' then input ->> 'external_id' else t.external_id end,
        team_name = coalesce(input ->> 'team_name', t.team_name),
        department_id = case when input ? 'department_id' then department_key else t.department_id end,
        is_active = coalesce((input ->> 'is_active')::boolean, t.is_active)
    where t.id = row_id;
    return row_id;
end
$sync_team$;

comment on function yardstick_api.sync_team(jsonb) is
'Makes or changes the team with this id or external_id; keys left out stay as they are. Returns its id. '
'YS001: a key is unknown, missing or of another type. YS003: the id is another organization''s, or the department '
'unknown. YS004: no organization chosen. YS007: id and external_id belong to two teams.';

grant execute on function yardstick_api.sync_team(jsonb) to yardstick_app, yardstick_dba, yardstick_worker;
