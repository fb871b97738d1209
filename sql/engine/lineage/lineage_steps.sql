-- What a metric is calculated from comes before what was said about it, and the organization's word before the platform's.
create or replace function yardstick_engine.lineage_steps(
    organization_id uuid,
    direction       text,
    is_correlation  boolean,
    metric_ids      uuid[],
    depths          integer[],
    paths           text[]
)
returns table (
    depth       integer,
    metric_id   uuid,
    metric_name text,
    relation    text,
    weight      numeric,
    lag_periods integer,
    path        text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $lineage_steps$
    with

    related as (

        select
            r.parent_metric_id, r.child_metric_id, r.relationship_type, r.weight, r.lag_periods, r.organization_id is null as is_platform_wide
        from yardstick.metric_relationships as r
        where
            (r.relationship_type = 'correlates_with') = lineage_steps.is_correlation
            and (r.organization_id is null or r.organization_id = lineage_steps.organization_id)
        union all
        select c.parent_metric_id, c.child_metric_id, 'derives_from', c.weight, c.lag_periods, true
        from yardstick_engine.metric_children() as c
        where not lineage_steps.is_correlation

    ),

    directed as (

        select related.*, related.parent_metric_id as from_id, related.child_metric_id as to_id
        from related
        where lineage_steps.direction = 'up'
        union all
        select related.*, related.child_metric_id, related.parent_metric_id
        from related
        where lineage_steps.direction = 'down'

    )

    select distinct on (d.id)
        f.depth + 1,
        d.id,
        d.metric_name,
        n.relationship_type,
        n.weight,
        n.lag_periods,
        f.path || case lineage_steps.direction when 'up' then ' <- ' else ' -> ' end || d.metric_name
    from unnest(lineage_steps.metric_ids, lineage_steps.depths, lineage_steps.paths) as f (metric_id, depth, path)
    inner join directed as n on n.from_id = f.metric_id
    inner join yardstick.metric_definitions as d
        on
            d.id = n.to_id
            and d.deleted_at is null
            and (d.organization_id is null or d.organization_id = lineage_steps.organization_id)
    where d.id <> all (lineage_steps.metric_ids)
    order by d.id, f.depth, n.relationship_type <> 'derives_from', n.is_platform_wide, f.path
$lineage_steps$;

comment on function yardstick_engine.lineage_steps(uuid, text, boolean, uuid[], integer[], text[]) is
'The metrics one step up or down from those found so far, and not among them, each by the shortest way: along derives_from, contributes_to and depends_on, or along correlates_with.';
