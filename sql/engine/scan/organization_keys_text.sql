create or replace function yardstick_engine.organization_keys_text(
    organization_id uuid,
    column_type     text,
    has_range       boolean,
    one_zone        text
)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $organization_keys_text$
    -- A row names its organization by our uuid or by the host's own id; a set, so that equal spellings do not count twice.
    -- A zone's rules are looked up for each day, not for each row: where all days begin at one distance from UTC, that is the distance
    -- of every instant between. Where clocks change, the rules are asked for each row: more rows here cost more than that.
    select case when organization_keys_text.has_range then
        $text$zone as materialized (
    select
        z.timezone, min(b.starts_at) as starts_at, max(b.starts_at) as ends_at,
        case when min(b.utc_offset) = max(b.utc_offset) then min(b.utc_offset) end as utc_offset
    from (select distinct o.timezone from yardstick.organizations as o where o.is_active) as z
    cross join generate_series(0, $2 - $1) as g (day_no)
    cross join lateral (
        select
            d.starts_at, (d.starts_at at time zone z.timezone) - (d.starts_at at time zone 'UTC') as utc_offset
        from (select yardstick_engine.local_midnight($1 + g.day_no, z.timezone) as starts_at) as d
    ) as b
    group by z.timezone
),
$text$ else '' end || format(
        $text$organization as materialized (
    select distinct
        o.id as organization_id, o.timezone, k.organization_key%3$s
    from yardstick.organizations as o%4$s
    cross join lateral (values %1$s) as k (organization_key)
    where o.is_active and k.organization_key is not null%2$s%5$s
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
        case when organization_keys_text.has_range then ', z.starts_at, z.ends_at, z.utc_offset' else '' end,
        case when organization_keys_text.has_range then E'\n    inner join zone as z on z.timezone = o.timezone' else '' end,
        case when organization_keys_text.one_zone is null then '' else format(' and o.timezone = %L', organization_keys_text.one_zone) end -- 5
    )
$organization_keys_text$;

comment on function yardstick_engine.organization_keys_text(uuid, text, boolean, text) is
'Text of the CTE that maps the values of a source''s organization column to organizations and their time zones; for one organization only when it is given. column_type null: the source has no such column. has_range: with the instants at which local dates $1 and $2 of the statement begin there, and the distance from UTC between (null: it changes). one_zone: only organizations of this zone; null: of any.';
