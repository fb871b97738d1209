-- Definer, with the owner's rights, under the policies of the login.
create or replace function yardstick_api.reviews()
returns table (
    metric_name    text,
    version        integer,
    status         text,
    display_name   text,
    author_name    text,
    created_at     timestamptz,
    submitted_at   timestamptz,
    submit_note    text,
    missing_gates  text[],
    gates_for_me   text[],
    decision_note  text,
    content        jsonb
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $reviews$
    select
        d.metric_name,
        v.version,
        v.status,
        v.content ->> 'display_name',
        coalesce(u.user_name, v.created_login),
        v.created_at,
        v.submitted_at,
        v.submit_note,
        yardstick.missing_gates(v),
        case when v.status = 'in_review' then array(
            select g.gate
            from unnest(yardstick.missing_gates(v)) with ordinality as g (gate, place)
            where case
                when v.organization_id is null then
                    pg_has_role(session_user, 'yardstick_dba', 'member') and v.created_login <> session_user
                else v.created_by is distinct from yardstick.current_user_id() and exists (
                    select
                    from yardstick.role_members as m
                    inner join yardstick.roles as r on m.role_id = r.id and r.is_active and g.gate = any (r.may_approve)
                    where m.organization_id = v.organization_id and m.user_id = yardstick.current_user_id()
                )
            end
            order by g.place
        ) else '{}' end,
        v.decision_note,
        v.content
    from yardstick.metric_definition_versions as v
    inner join yardstick.metric_definitions as d on v.metric_id = d.id
    left join yardstick.users as u on v.created_by = u.id
    where
        v.organization_id is not distinct from yardstick.defining_organization()
        and v.status in ('draft', 'in_review', 'rejected')
        and not exists (
            select from yardstick.metric_definition_versions as n
            where n.metric_id = v.metric_id and n.version > v.version
        )
    order by d.metric_name
$reviews$;

comment on function yardstick_api.reviews() is
'One row per metric of the organization, or for a DBA who has chosen none of the platform, whose newest version does not serve: a draft, in review or '
'rejected. missing_gates: what it needs; gates_for_me: what the person named in use_organization, or this DBA, may give. YS004: no organization chosen.';

grant execute on function yardstick_api.reviews() to yardstick_app, yardstick_dba, yardstick_worker;
