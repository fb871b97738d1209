-- Definer, with the owner's rights, under the policies of the login.
create or replace function yardstick_api.sync_role(role jsonb)
returns uuid
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $sync_role$
declare
    input   jsonb := sync_role.role;
    row_id  uuid;
    gates   text[];
begin
    perform yardstick.begin_sync(input, '{
        "id": "uuid!", "external_id": "key", "role_name": "text!", "may_approve": "texts!", "is_active": "boolean!"
    }');
    row_id := yardstick.find_row_to_sync('roles', input);
    select coalesce(array_agg(g.gate order by g.place), '{}')
    into gates
    from jsonb_array_elements_text(coalesce(input -> 'may_approve', '[]')) with ordinality as g (gate, place);

    if row_id is null then
        return yardstick.insert_row('roles', input, 'role_name', jsonb_build_object('may_approve', gates));
    end if;

    update yardstick.roles as r
    set
        external_id = case when input ? 'external_id' then input ->> 'external_id' else r.external_id end,
        role_name = coalesce(input ->> 'role_name', r.role_name),
        may_approve = case when input ? 'may_approve' then gates else r.may_approve end,
        is_active = coalesce((input ->> 'is_active')::boolean, r.is_active)
    where r.id = row_id;
    return row_id;
end
$sync_role$;

comment on function yardstick_api.sync_role(jsonb) is
'Makes or changes the role with this id or external_id; keys left out stay as they are. Returns its id. '
'YS001: a key is unknown, missing or of another type. YS003: the id is another organization''s. YS004: no organization '
'chosen. YS007: id and external_id belong to two roles.';

grant execute on function yardstick_api.sync_role(jsonb) to yardstick_app, yardstick_dba, yardstick_worker;
