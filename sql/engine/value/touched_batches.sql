-- A metric that fills periods without rows looks at those before and after: it is valued wherever anything is.
create or replace function yardstick_engine.touched_batches(
    measure_ids        uuid[],
    period_type        integer,
    organization_ids   uuid[],
    period_starts      date[],
    causes             text[],
    held_ids           uuid[],
    cell_measures      uuid[],
    cell_organizations uuid[],
    cell_types         integer[],
    cell_starts        date[]
)
returns table (
    metric_ids uuid[], batch_organizations uuid[], batch_starts date[], batch_causes text[],
    batch_metrics uuid[], metric_organizations uuid[], metric_starts date[]
)
language sql
stable
set search_path = pg_catalog, pg_temp
set enable_nestloop = off
set jit = off
as $touched_batches$
    with

    uses as materialized (
        select distinct u.measure_id, u.metric_id, d.compiled ? 'fill' as fills, d.compiled @> '{"simple": true}' as is_simple
        from yardstick_engine.measure_uses(touched_batches.measure_ids) as u
        inner join yardstick.metric_definitions as d on d.id = u.metric_id
        where yardstick_engine.window_name(touched_batches.period_type) = any(d.time_windows) and d.id <> all(touched_batches.held_ids)
    ),

    -- Where the rows of these metrics end, as far as a few of them show: later periods have nothing to be compared with, and are valued in
    -- statements of their own, after those before. rows_stand is asked of each; where it sees more, they are compared all the same.
    stored as materialized (
        select max((k.period_end at time zone o.timezone)::date) as end_date
        from (
            select distinct u.organization_id from unnest(touched_batches.organization_ids) as u (organization_id) order by u.organization_id limit 20
        ) as t
        inner join yardstick.organizations as o on o.id = t.organization_id
        cross join (select distinct u.metric_id from uses as u order by u.metric_id limit 5) as m
        cross join lateral (
            select c.period_end
            from yardstick.metric_calculations as c
            where c.organization_id = o.id and c.metric_id = m.metric_id and c.aggregation_level = 'org' and c.aggregation_id = o.id
                and c.time_window = yardstick_engine.window_name(touched_batches.period_type)
            order by c.period_end desc
            limit 1
        ) as k
        where cardinality(touched_batches.cell_measures) >= yardstick_engine.fresh_bound()
    ),

    period as materialized (
        select
            p.organization_id, p.period_start, p.cause,
            (p.period_start >= (select coalesce(max(s.end_date), '-infinity') from stored as s))::integer as is_new
        from unnest(touched_batches.organization_ids, touched_batches.period_starts, touched_batches.causes)
            as p (organization_id, period_start, cause)
    ),

    cell as materialized (
        select distinct u.metric_id, c.organization_id, c.period_start
        from unnest(
            touched_batches.cell_measures, touched_batches.cell_organizations, touched_batches.cell_types, touched_batches.cell_starts
        ) as c (measure_id, organization_id, period_type, period_start)
        inner join uses as u on u.measure_id = c.measure_id
        where c.period_type = touched_batches.period_type and not u.fills
        union all
        select u.metric_id, p.organization_id, p.period_start
        from (select distinct uses.metric_id from uses where uses.fills) as u
        cross join period as p
    ),

    -- So many values that memory stays bounded, as whole_batches has it: a cell has one in its organization and in each of its scopes.
    size as materialized (
        select greatest(1, least(
            -- Metrics that are one measure read no states but their own.
            case when (select bool_and(uses.is_simple) from uses) then 255 else yardstick_engine.metric_bound() end,
            floor(65000 / greatest(c.cells_of_a_metric * (1 + yardstick_engine.scopes_of_measure()), 1))
        ))::integer as metrics
        from (select count(*)::double precision / greatest(count(distinct cell.metric_id), 1) as cells_of_a_metric from cell) as c
    ),

    numbered as materialized (
        select
            c.metric_id, c.organization_id, c.period_start,
            p.is_new * 1000000 + (dense_rank() over (order by c.metric_id) - 1) / s.metrics as batch_no
        from cell as c
        inner join period as p on p.organization_id = c.organization_id and p.period_start = c.period_start
        cross join size as s
    ),

    given as (
        select
            n.batch_no, array_agg(distinct n.metric_id) as metric_ids, array_agg(n.metric_id) as cell_metrics,
            array_agg(n.organization_id) as cell_organizations, array_agg(n.period_start) as cell_starts
        from numbered as n
        group by n.batch_no
    ),

    periods as (
        select
            k.batch_no, array_agg(p.organization_id) as organization_ids, array_agg(p.period_start) as period_starts,
            array_agg(p.cause) as causes
        from (select distinct n.batch_no, n.organization_id, n.period_start from numbered as n) as k
        inner join period as p on p.organization_id = k.organization_id and p.period_start = k.period_start
        group by k.batch_no
    )

    select
        g.metric_ids, p.organization_ids, p.period_starts, p.causes, g.cell_metrics, g.cell_organizations, g.cell_starts
    from given as g
    inner join periods as p on p.batch_no = g.batch_no
    order by g.batch_no
$touched_batches$;

comment on function yardstick_engine.touched_batches(uuid[], integer, uuid[], date[], text[], uuid[], uuid[], uuid[], integer[], date[]) is
'The metrics to value in periods of one type, as many at a time as one statement values within bounded memory, when only some measures of the touched periods changed: with their periods, and the cells (metric, organization, period start) among them that are valued.';
