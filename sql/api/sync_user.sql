-- Definer, with the owner's rights, under the policies of the login.
create or replace function yardstick_api.sync_user(person jsonb)
returns uuid
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $sync_user$
declare
    input           jsonb := sync_user.person;
    organization    uuid;
    row_id          uuid;
    department_key  uuid;
    team_key        uuid;
    role_keys       uuid[];
begin
    organization := yardstick.begin_sync(input, '{
        "id": "uuid!", "external_id": "key", "user_name": "text!", "email": "text", "department_id": "key", "team_id": "key",
        "roles": "keys", "is_active": "boolean!"
    }');
    row_id := yardstick.find_row_to_sync('users', input);
    department_key := yardstick.require_row('departments', 'department_id', input ->> 'department_id');
    team_key := yardstick.require_row('teams', 'team_id', input ->> 'team_id');
    select array_agg(yardstick.require_role(format('roles[%s]', r.place - 1), r.key))
    into role_keys
    from jsonb_array_elements_text(coalesce(nullif(input -> 'roles', 'null'), '[]')) with ordinality as r (key, place);

    if row_id is null then
        row_id := yardstick.insert_row(
            'users', input, 'user_name', jsonb_build_object('department_id', department_key, 'team_id', team_key)
        );
    else
        update yardstick.users as u
        set
            external_id = case when input ? 'external_id' then input ->> 'external_id' else u.external_id end,
            user_name = coalesce(input ->> 'user_name', u.user_name),
            email = case when input ? 'email' then input ->> 'email' else u.email end,
            department_id = case when input ? 'department_id' then department_key else u.department_id end,
            team_id = case when input ? 'team_id' then team_key else u.team_id end,
            is_active = coalesce((input ->> 'is_active')::boolean, u.is_active)
        where u.id = row_id;
    end if;

    if input ? 'roles' then
        delete from yardstick.role_members as m
        where m.organization_id = organization and m.user_id = row_id and m.role_id <> all (coalesce(role_keys, '{}'));
        insert into yardstick.role_members (organization_id, role_id, user_id)
        select organization, r.role_id, row_id
        from unnest(role_keys) as r (role_id)
        on conflict (organization_id, role_id, user_id) do nothing;
    end if;
    return row_id;
end
$sync_user$;

comment on function yardstick_api.sync_user(jsonb) is
'Makes or changes the user with this id or external_id, and with the key roles the roles held; keys left out stay as they are. Returns its id. '
'YS001: a key is unknown, missing or of another type. YS003: the id is another organization''s, or a department, team '
'or role unknown. YS004: no organization chosen. YS007: id and external_id belong to two users.';

grant execute on function yardstick_api.sync_user(jsonb) to yardstick_app, yardstick_dba, yardstick_worker;
