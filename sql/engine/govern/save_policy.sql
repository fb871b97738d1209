create or replace function yardstick_engine.save_policy(organization_id uuid, gates text[], reason text)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $save_policy$
declare
    problem text;
begin
    if not (select r.rolsuper from pg_roles as r where r.rolname = session_user) then
        raise exception using
            errcode = 'YS005', message = 'only a superuser sets which approvals are required: it is a way around them';
    end if;
    problem := case
        when save_policy.gates is null then 'gates: must be a list; an empty one lets every version serve at once'
        when not save_policy.gates <@ array['owner', 'methodology', 'data_source', 'business_alignment'] then
            'gates: must be of owner, methodology, data_source, business_alignment'
        when coalesce(btrim(save_policy.reason), '') = '' then 'reason: is required, since an auditor will ask'
    end;
    if problem is not null then
        raise exception using errcode = 'YS001', message = problem;
    end if;
    if save_policy.organization_id is not null
        and not exists (select from yardstick.organizations as o where o.id = save_policy.organization_id)
    then
        raise exception using errcode = 'YS003', message = format('organization_id: unknown organization %s', save_policy.organization_id);
    end if;
    insert into yardstick.approval_policies as p (organization_id, required_gates, reason)
    values (save_policy.organization_id, save_policy.gates, save_policy.reason)
    on conflict on constraint policies_are_set_once do update
    set required_gates = excluded.required_gates, reason = excluded.reason, set_login = session_user, set_at = clock_timestamp();
end
$save_policy$;

comment on function yardstick_engine.save_policy(uuid, text[], text) is
'Sets the gates that versions of an organization, or with null of the platform, need; for superusers.';

grant execute on function yardstick_engine.save_policy(uuid, text[], text) to yardstick_owner;
