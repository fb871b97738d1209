-- Definer, with the owner's rights, under the policies of the login.
create or replace function yardstick_api.sync_department(department jsonb)
returns uuid
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $sync_department$
declare
    input        jsonb := sync_department.department;
    organization uuid;
    row_id       uuid;
    parent_id    uuid;
    old_row      yardstick.departments;
begin
    organization := yardstick.begin_sync(input, '{
        "id": "uuid!", "external_id": "key", "department_name": "text!", "parent_department_id": "key", "is_active": "boolean!"
    }');
    row_id := yardstick.find_row_to_sync('departments', input);
    parent_id := yardstick.require_row('departments', 'parent_department_id', input ->> 'parent_department_id');

    if row_id is null then
        row_id := yardstick.insert_row(
            'departments', input, 'department_name', jsonb_build_object('parent_department_id', parent_id)
        );
        perform yardstick_engine.queue_organization(organization, 'org_move');
        return row_id;
    end if;

    select d.* into old_row from yardstick.departments as d where d.id = row_id;
    update yardstick.departments as d
    set
        external_id = case when input ? 'external_id' then input ->> 'external_id' else d.external_id end,
        department_name = coalesce(input ->> 'department_name', d.department_name),
        parent_department_id = case when input ? 'parent_department_id' then parent_id else d.parent_department_id end,
        is_active = coalesce((input ->> 'is_active')::boolean, d.is_active)
    where d.id = row_id;
    if input ? 'parent_department_id' and parent_id is distinct from old_row.parent_department_id
        or input ? 'external_id' and input ->> 'external_id' is distinct from old_row.external_id
    then
        perform yardstick_engine.queue_organization(organization, 'org_move');
    end if;
    return row_id;
end
$sync_department$;

comment on function yardstick_api.sync_department(jsonb) is
'Makes or changes the department with this id or external_id; keys left out stay as they are. Returns its id. '
'YS001: a key is unknown, missing or of another type. YS003: the id is another organization''s, or the parent unknown. '
'YS004: no organization chosen. YS007: id and external_id belong to two departments.';

grant execute on function yardstick_api.sync_department(jsonb) to yardstick_app, yardstick_dba, yardstick_worker;
