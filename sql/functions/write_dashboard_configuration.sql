-- The view has columns of its own names, each stored once: what is written to it goes to the table it shows.
-- Definer, as the owner and so under the tenant policy: whoever may write the view needs no right on the table.
create or replace function yardstick.write_dashboard_configuration()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $write_dashboard_configuration$
begin
    if tg_op = 'DELETE' then
        delete from yardstick.analytics_dashboards as d where d.id = old.id;
        return case when found then old end;
    end if;

    if new.id is distinct from new.uuid then
        if tg_op = 'INSERT' then
            if new.id is not null and new.uuid is not null then
                raise exception using errcode = 'YS006', message = 'id and uuid are the same: give one of them';
            end if;
        elsif new.id <> old.id and new.uuid <> old.uuid then
            raise exception using errcode = 'YS006', message = 'id and uuid are the same: change one of them';
        end if;
    end if;

    if tg_op = 'INSERT' then
        new.id := coalesce(new.id, new.uuid, yardstick.next_id());
        new.uuid := new.id;
        new.organization_id := coalesce(new.organization_id, yardstick.current_organization());
        new.refresh_interval := coalesce(new.refresh_interval, 300);
        new.auto_refresh := coalesce(new.auto_refresh, true);
        new.visibility := coalesce(new.visibility, 'private');
        new.is_active := coalesce(new.is_active, true);
        new.is_default := coalesce(new.is_default, false);
        new.usage_count := coalesce(new.usage_count, 0);
        new.created_at := coalesce(new.created_at, now());
        new.updated_at := coalesce(new.updated_at, now());
        new.is_deleted := coalesce(new.is_deleted, false);
        insert into yardstick.analytics_dashboards (
            id, organization_id, dashboard_name, description, dashboard_type, layout_config,
            refresh_interval_seconds, auto_refresh, owner_id, department_id, visibility, allowed_users, allowed_roles,
            is_active, is_default, usage_count, last_used, created_by, updated_by, created_at, updated_at, deleted_at
        )
        values (
            new.id, new.organization_id, new.name, new.description, new.dashboard_type, new.layout,
            new.refresh_interval, new.auto_refresh, new.owner_id, new.department_id, new.visibility, new.allowed_users, new.allowed_roles,
            new.is_active, new.is_default, new.usage_count, new.last_used, new.created_by, new.updated_by, new.created_at, new.updated_at,
            case when new.is_deleted then now() end
        );
        return new;
    end if;

    if new.id = old.id then
        new.id := new.uuid;
    end if;
    new.uuid := new.id;
    update yardstick.analytics_dashboards as d
    set
        id = new.id,
        organization_id = new.organization_id,
        dashboard_name = case when new.name is distinct from old.name then new.name else d.dashboard_name end,
        description = new.description,
        dashboard_type = new.dashboard_type,
        layout_config = new.layout,
        refresh_interval_seconds = new.refresh_interval,
        auto_refresh = new.auto_refresh,
        owner_id = new.owner_id,
        department_id = new.department_id,
        visibility = new.visibility,
        allowed_users = new.allowed_users,
        allowed_roles = new.allowed_roles,
        is_active = new.is_active,
        is_default = new.is_default,
        usage_count = new.usage_count,
        last_used = new.last_used,
        created_by = new.created_by,
        updated_by = new.updated_by,
        created_at = new.created_at,
        updated_at = new.updated_at,
        -- The time it was deleted at stays when it is written again as deleted.
        deleted_at = case when new.is_deleted then coalesce(d.deleted_at, now()) end,
        deleted_by = case when new.is_deleted then d.deleted_by end
    where d.id = old.id;
    return case when found then new end;
end
$write_dashboard_configuration$;

comment on function yardstick.write_dashboard_configuration() is
'Trigger: writes a row of yardstick.dashboard_configurations to yardstick.analytics_dashboards.';
