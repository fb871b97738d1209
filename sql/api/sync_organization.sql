-- Definer, with the owner's rights, under the policies of the login. A new organization is nobody's yet: it is written in its
-- own context, and the caller's is put back.
create or replace function yardstick_api.sync_organization(organization jsonb)
returns uuid
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $sync_organization$
declare
    input          jsonb := sync_organization.organization;
    context        text := current_setting('yardstick.context', true);
    row_id         uuid;
    by_external_id uuid;
    old_row        yardstick.organizations;
    new_row        yardstick.organizations;
begin
    perform yardstick.check_keys(input, '{
        "id": "uuid!", "external_id": "key", "organization_name": "text!", "timezone": "text!", "week_start": "integer!",
        "fiscal_year_start_month": "integer!", "is_active": "boolean!"
    }');
    if input ->> 'id' is null and input ->> 'external_id' is null then
        raise exception using
            errcode = 'YS001', message = 'id: give id or external_id, so that the next call finds the same organization';
    end if;
    if (input ->> 'week_start')::integer not between 1 and 7 then
        raise exception using errcode = 'YS001', message = 'week_start: must be 1 (Monday) to 7 (Sunday)';
    end if;
    if (input ->> 'fiscal_year_start_month')::integer not between 1 and 12 then
        raise exception using errcode = 'YS001', message = 'fiscal_year_start_month: must be 1 (January) to 12 (December)';
    end if;

    -- One at a time, or two that make the same new organization would not see each other.
    perform pg_advisory_xact_lock(hashtextextended('yardstick_api.sync_organization', 0));
    by_external_id := yardstick_engine.find_organization(null, input ->> 'external_id');
    row_id := coalesce((input ->> 'id')::uuid, by_external_id);
    if not coalesce(row_id = yardstick.current_organization(), false) and not yardstick.serves_every_organization() then
        raise exception using
            errcode = 'YS005',
            message = 'only a DBA, or an application trusted with every organization, syncs another organization than its own';
    end if;
    if by_external_id <> row_id then
        raise exception using
            errcode = 'YS007', message = format('external_id: "%s" belongs to another organization', input ->> 'external_id');
    end if;
    row_id := coalesce(row_id, yardstick.next_id());

    perform yardstick.choose_organization(row_id, null);
    select o.* into old_row from yardstick.organizations as o where o.id = row_id for no key update;
    if not found and input ->> 'organization_name' is null then
        raise exception using errcode = 'YS001', message = 'organization_name: is missing; a new organization needs it';
    end if;

    insert into yardstick.organizations as o (
        id, external_id, organization_name, timezone, week_start, fiscal_year_start_month, is_active
    )
    values (
        row_id,
        case when input ? 'external_id' then input ->> 'external_id' else old_row.external_id end,
        coalesce(input ->> 'organization_name', old_row.organization_name),
        coalesce(input ->> 'timezone', old_row.timezone, 'UTC'),
        coalesce((input ->> 'week_start')::smallint, old_row.week_start, 1),
        coalesce((input ->> 'fiscal_year_start_month')::smallint, old_row.fiscal_year_start_month, 1),
        coalesce((input ->> 'is_active')::boolean, old_row.is_active, true)
    )
    on conflict (id) do update
    set
        external_id = excluded.external_id,
        organization_name = excluded.organization_name,
        timezone = excluded.timezone,
        week_start = excluded.week_start,
        fiscal_year_start_month = excluded.fiscal_year_start_month,
        is_active = excluded.is_active
    returning o.* into new_row;

    perform set_config('yardstick.context', coalesce(context, ''), true);
    if (new_row.timezone, new_row.week_start, new_row.fiscal_year_start_month)
        is distinct from (old_row.timezone, old_row.week_start, old_row.fiscal_year_start_month)
    then
        perform yardstick_engine.queue_organization(row_id, 'calendar');
    elsif new_row.external_id is distinct from old_row.external_id or (new_row.is_active and not old_row.is_active) then
        -- Rows of sources that named it otherwise, or came while it slept, are its rows now.
        perform yardstick_engine.queue_organization(row_id, 'org_move');
    end if;
    return row_id;
end
$sync_organization$;

comment on function yardstick_api.sync_organization(jsonb) is
'Makes or changes the organization with this id or external_id; keys left out stay as they are. Returns its id. '
'YS001: a key is unknown, missing or of another type. YS005: the caller does not serve it. YS007: another organization '
'has this external_id.';

grant execute on function yardstick_api.sync_organization(jsonb) to yardstick_app, yardstick_dba, yardstick_worker;
