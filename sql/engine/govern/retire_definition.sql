create or replace function yardstick_engine.retire_definition(organization_id uuid, user_id uuid, metric_name text, reason text)
returns uuid
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $retire_definition$
declare
    newest yardstick.metric_definition_versions;
    parent text;
begin
    if coalesce(btrim(retire_definition.reason), '') = '' then
        raise exception using errcode = 'YS001', message = 'reason: is required, since the values stay and somebody will ask';
    end if;
    perform yardstick_engine.require_reviewer(retire_definition.organization_id, retire_definition.user_id, 'retiring');
    newest := yardstick_engine.open_version(retire_definition.organization_id, retire_definition.metric_name);

    select p.metric_name into parent
    from yardstick_engine.metric_parents(array[newest.metric_id]) as m
    inner join yardstick.metric_definitions as p on p.id = m.parent_id
    -- Where the platform has a metric of that name too, it takes the place.
    where not exists (
        select from yardstick.metric_definitions as d
        where d.metric_name = retire_definition.metric_name and d.id <> newest.metric_id and d.organization_id is null and d.deleted_at is null
    )
    order by p.metric_name
    limit 1;
    if found then
        raise exception using
            errcode = 'YS007',
            message = format('the metric %s is part of %s; change or retire that one first', retire_definition.metric_name, parent);
    end if;

    update yardstick.metric_definition_versions as v
    set status = 'superseded'
    where v.metric_id = newest.metric_id and v.status in ('draft', 'in_review');
    update yardstick.metric_definition_versions as v
    set
        status = 'retired', decided_by = retire_definition.user_id, decided_login = session_user, decided_at = clock_timestamp(),
        decision_note = retire_definition.reason
    where v.metric_id = newest.metric_id and v.status = 'approved';
    update yardstick.metric_definitions as d
    set approval_status = 'retired', deleted_at = clock_timestamp(), deleted_by = retire_definition.user_id
    where d.id = newest.metric_id and d.deleted_at is null;
    return newest.metric_id;
end
$retire_definition$;

comment on function yardstick_engine.retire_definition(uuid, uuid, text, text) is
'Ends the calculation of a metric with a reason and returns its id; its values, versions and approvals stay.';

grant execute on function yardstick_engine.retire_definition(uuid, uuid, text, text) to yardstick_owner;
