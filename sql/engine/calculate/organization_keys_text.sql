create or replace function yardstick_engine.organization_keys_text(
    organization_id uuid,
    column_type     text,
    has_range       boolean
)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $organization_keys_text$
    -- A row names its organization by our uuid or by the host's own id; a set, so that equal spellings do not count twice.
    select format(
        $text$organization as (
    select distinct
        o.id as organization_id, o.timezone, k.organization_key,
        %3$s
    from yardstick.organizations as o
    cross join lateral (values %1$s) as k (organization_key)
    where o.is_active and k.organization_key is not null%2$s
)$text$,
        case
            when organization_keys_text.column_type = 'uuid' then
                '(o.id), (case when o.external_id ~* ''^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$'' then o.external_id::uuid end)'
            when organization_keys_text.column_type is null then '(o.id::text)'
            else '(o.id::text), (o.external_id)'
        end,
        case
            when organization_keys_text.organization_id is null then ''
            else format(' and o.id = %L::uuid', organization_keys_text.organization_id)
        end,
        case
            when organization_keys_text.has_range then
                'yardstick_engine.local_midnight($1, o.timezone) as starts_at, yardstick_engine.local_midnight($2, o.timezone) as ends_at'
            else 'null::timestamptz as starts_at, null::timestamptz as ends_at'
        end
    )
$organization_keys_text$;

comment on function yardstick_engine.organization_keys_text(uuid, text, boolean) is
'Text of the CTE that maps the values of a source''s organization column to organizations and their time zones; for one organization only when it is given. column_type null: the source has no such column. has_range: with the instants at which local dates $1 and $2 of the statement begin there.';
