create or replace function yardstick_engine.source_has_rows(
    source_id       uuid,
    organization_id uuid
)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $source_has_rows$
declare
    source    yardstick.metric_sources;
    host_keys text[];
    found     boolean;
begin
    select s.* into strict source
    from yardstick.metric_sources as s
    where s.id = source_has_rows.source_id;

    select array_remove(array[o.id::text, o.external_id], null)
    into host_keys
    from yardstick.organizations as o
    where o.id = source_has_rows.organization_id;

    execute format(
        'select exists (select from %s as r where %s)',
        source.relation,
        case when source.organization_column is null then 'true' else format('r.%I::text = any($1)', source.organization_column) end
    )
    into found
    using host_keys;
    return found;
end
$source_has_rows$;

comment on function yardstick_engine.source_has_rows(uuid, uuid) is
'Whether a source has a row that names an organization, by our uuid or the host''s id; for a source without an organization column, whether it has any row.';
