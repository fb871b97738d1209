create or replace function yardstick_engine.find_source(organization_id uuid, source_name text)
returns yardstick.metric_sources
language sql
stable
set search_path = pg_catalog, pg_temp
as $find_source$
    select s
    from yardstick.metric_sources as s
    where
        s.source_name = find_source.source_name
        and s.is_active
        and (s.organization_id = find_source.organization_id or s.organization_id is null)
    order by s.organization_id nulls last
    limit 1
$find_source$;

comment on function yardstick_engine.find_source(uuid, text) is
'Source of this name that an organization, or with null the platform, uses: its own, else the platform''s.';
