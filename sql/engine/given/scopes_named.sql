create or replace function yardstick_engine.scopes_named(
    organization_id   uuid,
    levels            text[],
    aggregation_level text,
    aggregation_key   text
)
returns table (aggregation_level text, aggregation_id uuid)
language sql
stable
set search_path = pg_catalog, pg_temp
as $scopes_named$
    select 'org', scopes_named.organization_id
    where scopes_named.aggregation_key is null or scopes_named.aggregation_level = 'org'
    union all
    select m.aggregation_level, m.id
    from (
        select 'dept' as aggregation_level, d.id, d.external_id
        from yardstick.departments as d
        where d.organization_id = scopes_named.organization_id
        union all
        select 'team', t.id, t.external_id from yardstick.teams as t where t.organization_id = scopes_named.organization_id
        union all
        select 'user', u.id, u.external_id from yardstick.users as u where u.organization_id = scopes_named.organization_id
    ) as m
    where scopes_named.aggregation_key is not null
        and coalesce(scopes_named.aggregation_level = m.aggregation_level, true)
        and m.aggregation_level = any(scopes_named.levels)
        and (m.id::text = lower(scopes_named.aggregation_key) or m.external_id = scopes_named.aggregation_key)
$scopes_named$;

comment on function yardstick_engine.scopes_named(uuid, text[], text, text) is
'Scopes of an organization that a key given by a query means: our uuid or the host''s id of a department, team or user, of the given level or of any of levels; without a key the organization itself.';
