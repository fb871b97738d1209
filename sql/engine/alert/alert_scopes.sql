create or replace function yardstick_engine.alert_scopes(organization_id uuid, aggregation_levels text[])
returns table (aggregation_level text, aggregation_id uuid)
language sql
stable
set search_path = pg_catalog, pg_temp
as $alert_scopes$
    select 'org', alert_scopes.organization_id
    where 'org' = any(alert_scopes.aggregation_levels)
    union all
    select 'dept', d.id
    from yardstick.departments as d
    where d.organization_id = alert_scopes.organization_id and d.is_active and 'dept' = any(alert_scopes.aggregation_levels)
    union all
    select 'team', t.id
    from yardstick.teams as t
    where t.organization_id = alert_scopes.organization_id and t.is_active and 'team' = any(alert_scopes.aggregation_levels)
    union all
    select 'user', u.id
    from yardstick.users as u
    where u.organization_id = alert_scopes.organization_id and u.is_active and 'user' = any(alert_scopes.aggregation_levels)
$alert_scopes$;

comment on function yardstick_engine.alert_scopes(uuid, text[]) is
'Every active scope of an organization at the given levels.';
