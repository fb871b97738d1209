create or replace function yardstick_engine.approve_version(
    approved yardstick.metric_definition_versions,
    user_id  uuid,
    note     text,
    result   jsonb default null
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $approve_version$
declare
    -- Compiled anew: since it was written its sources, and the metrics it is made of, may have become others.
    compiled constant jsonb := coalesce(
        approve_version.result, yardstick_engine.compile((approve_version.approved).content, (approve_version.approved).organization_id)
    );
    part     text;
begin
    select d.metric_name into part
    from jsonb_each(compiled #> '{compiled,children}') as child (alias, body)
    inner join yardstick.metric_definitions as d on d.id = (child.body ->> 'metric_id')::uuid and d.approval_status <> 'approved'
    order by d.metric_name
    limit 1;
    if found then
        raise exception using
            errcode = 'YS007',
            message = format('%s is made of %s, which is not approved yet; approve that first', (approve_version.approved).content ->> 'metric_name', part);
    end if;

    update yardstick.metric_definition_versions as v
    set status = 'superseded'
    where v.metric_id = (approve_version.approved).metric_id and v.status = 'approved';
    update yardstick.metric_definition_versions as v
    set
        status = 'approved',
        decided_by = approve_version.user_id,
        decided_login = session_user,
        decided_at = clock_timestamp(),
        decision_note = approve_version.note
    where v.id = (approve_version.approved).id;
    perform yardstick_engine.publish_version(approve_version.approved, compiled);
end
$approve_version$;

comment on function yardstick_engine.approve_version(yardstick.metric_definition_versions, uuid, text, jsonb) is
'Lets a version that has all its gates serve in place of the one that did; result: what compile returned of it, if that is known.';
