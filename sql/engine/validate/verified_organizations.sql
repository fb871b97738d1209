create or replace function yardstick_engine.verified_organizations(metric_id uuid, organization_id uuid)
returns table (id uuid, timezone text, week_start smallint, fiscal_year_start_month smallint)
language sql
stable
set search_path = pg_catalog, pg_temp
as $verified_organizations$
    select o.id, o.timezone, o.week_start, o.fiscal_year_start_month
    from yardstick.metric_definitions as d
    inner join yardstick.organizations as o on d.organization_id is null or d.organization_id = o.id
    where
        d.id = verified_organizations.metric_id
        and o.is_active
        and (verified_organizations.organization_id is null or o.id = verified_organizations.organization_id)
        and not exists (
            select from yardstick.metric_definitions as own
            where own.organization_id = o.id and own.metric_name = d.metric_name and own.id <> d.id and own.deleted_at is null
        )
$verified_organizations$;

comment on function yardstick_engine.verified_organizations(uuid, uuid) is
'The open organizations that a metric is calculated for: one, or with null all, and where an organization has a metric of that name itself, it is not calculated.';
