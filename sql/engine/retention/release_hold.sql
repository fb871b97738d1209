create or replace function yardstick_engine.release_hold(id uuid, organization_id uuid, reason text, user_id uuid)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $release_hold$
declare
    hold record;
begin
    select h.organization_id, h.released_at into hold
    from yardstick.legal_holds as h
    where h.id = release_hold.id
        and (pg_has_role(session_user, 'yardstick_dba', 'member') or h.organization_id = release_hold.organization_id)
    for update;
    if not found then
        raise exception using errcode = 'YS003', message = format('id: unknown hold %s', release_hold.id);
    end if;
    perform yardstick_engine.require_holder(hold.organization_id, release_hold.user_id);
    if coalesce(btrim(release_hold.reason), '') = '' then
        raise exception using errcode = 'YS001', message = 'reason: is required, since an auditor will ask';
    end if;
    if hold.released_at is not null then
        raise exception using errcode = 'YS007', message = format('id: hold %s was released at %s', release_hold.id, hold.released_at);
    end if;
    update yardstick.legal_holds as h
    set released_at = clock_timestamp(), released_login = session_user, released_by = release_hold.user_id, release_reason = release_hold.reason
    where h.id = release_hold.id;
end
$release_hold$;

comment on function yardstick_engine.release_hold(uuid, uuid, text, uuid) is
'Releases a legal hold with a reason; the row stays.';

grant execute on function yardstick_engine.release_hold(uuid, uuid, text, uuid) to yardstick_owner;
