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
    unknown text;
begin
    perform yardstick.begin_sync(input, '{
        "id": "uuid!", "external_id": "key", "role_name": "text!", "may_approve": "texts!", "is_active": "boolean!"
    }');
    row_id := yardstick.find_row_to_sync('roles', input);
    select coalesce(array_agg(g.gate order by g.place), '{}')
    into gates
    from jsonb_array_elements_text(coalesce(input -> 'may_approve', '[]')) with ordinality as g (gate, place);

    select format('may_approve[%s]: must be one of owner, methodology, data_source, business_alignment; got %s', g.place - 1, quote_literal(g.gate))
    into unknown
    from unnest(gates) with ordinality as g (gate, place)
    where g.gate not in ('owner', 'methodology', 'data_source', 'business_alignment')
    order by g.place
    limit 1;
    if found then
        raise exception using errcode = 'YS001', message = unknown;
    end if;
    -- Roles are named once in an organization; the key under it settles what two sessions do at once.
    if exists (
        select from yardstick.roles as r
        where r.organization_id = yardstick.current_organization() and r.role_name = input ->> 'role_name' and r.id is distinct from row_id
    ) then
        raise exception using errcode = 'YS007', message = format('role_name: another role is named %s', quote_literal(input ->> 'role_name'));
    end if;

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
'chosen. YS007: id and external_id belong to two roles, or another has the name.';

grant execute on function yardstick_api.sync_role(jsonb) to yardstick_app, yardstick_dba, yardstick_worker;
