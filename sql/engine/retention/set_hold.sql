create or replace function yardstick_engine.set_hold(
    organization_id uuid,
    metric_name     text,
    reason          text,
    hold_until      date,
    user_id         uuid
)
returns uuid
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $set_hold$
declare
    metric  uuid;
    hold_id uuid;
begin
    perform yardstick_engine.require_holder(set_hold.organization_id, set_hold.user_id);
    if coalesce(btrim(set_hold.reason), '') = '' then
        raise exception using errcode = 'YS001', message = 'reason: is required, since an auditor will ask';
    end if;
    if set_hold.hold_until < (now() at time zone 'UTC')::date then
        raise exception using errcode = 'YS001', message = format('hold_until: %s has passed', set_hold.hold_until);
    end if;
    if set_hold.organization_id is not null
        and not exists (select from yardstick.organizations as o where o.id = set_hold.organization_id)
    then
        raise exception using errcode = 'YS003', message = format('organization_id: unknown organization %s', set_hold.organization_id);
    end if;
    if set_hold.metric_name is not null then
        select d.id into metric
        from yardstick.metric_definitions as d
        where d.metric_name = set_hold.metric_name
            and (d.organization_id is null or d.organization_id = set_hold.organization_id)
        -- The organization's own before the platform's, one in use before a retired one: both may have values.
        order by d.organization_id nulls last, d.deleted_at desc nulls first
        limit 1;
        if metric is null then
            raise exception using
                errcode = 'YS003', message = format('metric_name: unknown metric "%s"', left(set_hold.metric_name, 80));
        end if;
    end if;
    insert into yardstick.legal_holds as h (organization_id, metric_id, reason, hold_until, set_by)
    values (set_hold.organization_id, metric, set_hold.reason, set_hold.hold_until, set_hold.user_id)
    returning h.id into hold_id;
    return hold_id;
end
$set_hold$;

comment on function yardstick_engine.set_hold(uuid, text, text, date, uuid) is
'Sets a legal hold on a metric (null: all) of an organization (null: all) and returns its id; when it commits nothing more of these is removed.';

grant execute on function yardstick_engine.set_hold(uuid, text, text, date, uuid) to yardstick_owner;
