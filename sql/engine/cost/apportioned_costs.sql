-- A statement works for many metrics. What it cost is shared by measures: each measure counts the same, and among the metrics
-- that read it each the same. Values are shared by how many measures a metric has, queries by how many periods were asked for.
create or replace function yardstick_engine.apportioned_costs(costs yardstick.calculation_costs[])
returns table (
    organization_id  uuid,
    metric_id        uuid,
    cost_date        date,
    run_microseconds bigint,
    row_count        bigint,
    slice_count      bigint,
    error_count      bigint,
    blocks_hit       bigint,
    blocks_read      bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $apportioned_costs$
    with

    noted as materialized (

        select c.*, (c.noted_at at time zone 'UTC')::date as cost_date, row_number() over () as no
        from unnest(apportioned_costs.costs) as c

    ),

    uses as materialized (

        select
            d.id as metric_id,
            d.source_id,
            m.measure_id,
            count(*) over (partition by m.measure_id) as reader_count
        from yardstick.metric_definitions as d
        cross join lateral yardstick_engine.metric_measure_ids(d.id) as m (measure_id)
        where d.deleted_at is null and d.compiled ? 'measures'

    ),

    measured as materialized (

        select uses.metric_id, uses.source_id, count(*) as measure_count
        from uses
        group by uses.metric_id, uses.source_id

    ),

    weights as (

        select noted.no, uses.metric_id, sum(1.0 / uses.reader_count) as weight
        from noted
        cross join lateral unnest(noted.measure_ids) as m (measure_id)
        inner join uses on uses.measure_id = m.measure_id
        group by noted.no, uses.metric_id
        union all
        select noted.no, m.metric_id, sum(case when noted.stage = 'query' then 1 else coalesce(measured.measure_count, 1) end)
        from noted
        cross join lateral unnest(noted.metric_ids) as m (metric_id)
        left join measured on measured.metric_id = m.metric_id
        group by noted.no, m.metric_id
        union all
        select noted.no, measured.metric_id, measured.measure_count
        from noted
        inner join measured on measured.source_id = noted.source_id

    ),

    shares as (

        select weights.no, weights.metric_id, weights.weight / sum(weights.weight) over (partition by weights.no) as share
        from weights

    )

    select
        d.organization_id,
        shares.metric_id,
        noted.cost_date,
        round(sum(noted.run_microseconds * shares.share))::bigint,
        round(sum(noted.row_count * shares.share))::bigint,
        count(*),
        sum(noted.error_count),
        round(sum(noted.blocks_hit * shares.share))::bigint,
        round(sum(noted.blocks_read * shares.share))::bigint
    from shares
    inner join noted on noted.no = shares.no
    inner join yardstick.metric_definitions as d on d.id = shares.metric_id
    group by d.organization_id, shares.metric_id, noted.cost_date
$apportioned_costs$;

comment on function yardstick_engine.apportioned_costs(yardstick.calculation_costs[]) is
'What statements have cost, by metric and day.';
