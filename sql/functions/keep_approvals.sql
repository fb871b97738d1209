-- as: deployer
-- Nobody gets around it but who can switch triggers off. Definer, with the engine's rights: it reads versions of the platform too.
create or replace function yardstick.keep_approvals()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $keep_approvals$
declare
    version yardstick.metric_definition_versions;
    problem text;
begin
    if tg_op <> 'INSERT' then
        raise exception using errcode = 'YS005', message = 'an approval is evidence: it is neither changed nor deleted';
    end if;
    -- Who gave it, with which login and when, is nobody's to say.
    new.approved_login := session_user;
    new.approved_at := clock_timestamp();

    select v.* into version
    from yardstick.metric_definition_versions as v
    where v.metric_id = new.metric_id and v.version = new.version and v.organization_id is not distinct from new.organization_id;
    problem := case
        when version.id is null then 'there is no such version'
        when version.status <> 'in_review' then format('it is %s; only what is in review can be approved', version.status)
        when version.content_hash <> new.content_hash then 'its content is another one'
        when new.approved_by is null and new.organization_id is not null then
            'nobody is named; name the person in yardstick_api.use_organization(organization_id, user_id)'
        when new.approved_by = version.created_by or (version.created_by is null and version.created_login = session_user) then
            'its author cannot approve it'
        when new.approved_by is null and not pg_has_role(session_user, 'yardstick_dba', 'member') then
            'it belongs to the platform; a DBA who did not write it approves it'
        when new.approved_by is not null and new.organization_id is null then
            'it belongs to the platform; a DBA who did not write it approves it'
        when new.approved_by is not null and not exists (
            select
            from yardstick.role_members as m
            inner join yardstick.roles as r on m.role_id = r.id and r.is_active and new.gate = any(r.may_approve)
            inner join yardstick.users as u on m.user_id = u.id and u.is_active
            -- A role of the platform is given to people by applications of their organizations: it counts there.
            where m.organization_id = new.organization_id and m.user_id = new.approved_by
        ) then format('no role of this person may give the gate %s', new.gate)
    end;
    if problem is not null then
        raise exception using
            errcode = 'YS005',
            message = format('version %s of the metric %s cannot be approved: %s', new.version, coalesce(version.content ->> 'metric_name', new.metric_id::text), problem);
    end if;
    return new;
end
$keep_approvals$;

alter function yardstick.keep_approvals() owner to yardstick_engine_role;
revoke execute on function yardstick.keep_approvals() from public;
grant execute on function yardstick.keep_approvals() to yardstick_owner;

comment on function yardstick.keep_approvals() is
'Trigger: a gate is given by somebody else than the author, whose role may give it, for the content in review, and stays given.';
