-- How many values a statement makes decides how much memory it takes: metric_bound() at once, or fewer, and where one alone is too much,
-- some organizations at a time. Ranks and earlier values are looked for within a metric and an organization.
create or replace function yardstick_engine.whole_batches(
    measure_ids        uuid[],
    period_type        integer,
    organization_ids   uuid[],
    period_starts      date[],
    causes             text[],
    held_ids           uuid[]
)
returns table (metric_ids uuid[], batch_organizations uuid[], batch_starts date[], batch_causes text[])
language sql
stable
set search_path = pg_catalog, pg_temp
set enable_nestloop = off
set jit = off
as $whole_batches$
    with

    metric as materialized (
        select u.metric_id, row_number() over (order by u.metric_id) - 1 as number
        from yardstick_engine.measure_uses(whole_batches.measure_ids) as u
        inner join yardstick.metric_definitions as d on d.id = u.metric_id
        where yardstick_engine.window_name(whole_batches.period_type) = any(d.time_windows) and d.id <> all(whole_batches.held_ids)
        group by u.metric_id
    ),

    -- Each series counts for itself and for its organization. Where the touched periods alone are few, they are not counted.
    values_possible as materialized (
        select case when cardinality(whole_batches.period_starts) * cardinality(whole_batches.measure_ids) <= 5000 then 1
            else (
                select
                    greatest(1, 2.0 * count(*) / cardinality(whole_batches.measure_ids) / greatest(count(distinct s.organization_id), 1))
                    * cardinality(whole_batches.period_starts)
                from yardstick.metric_series as s
                where s.measure_id = any(whole_batches.measure_ids)
            )
        end as of_a_metric
    ),

    -- Of too many, those that have rows, and some more; but a metric that fills periods has values where it has none.
    values_expected as materialized (
        select v.of_a_metric * case
            when v.of_a_metric <= 130000 / yardstick_engine.metric_bound()
                or exists (select from metric as m inner join yardstick.metric_definitions as d on d.id = m.metric_id where d.compiled ? 'fill')
                then 1
            else least(1, 0.1 + (
                select yardstick_engine.share_of_periods(whole_batches.measure_ids, whole_batches.period_type, min(u.period_start), max(u.period_start))
                from unnest(whole_batches.period_starts) as u (period_start)
            ))
        end as of_a_metric
        from values_possible as v
    ),

    size as materialized (
        select
            greatest(1, least(yardstick_engine.metric_bound(), floor(130000 / v.of_a_metric)))::integer as metrics,
            greatest(1, ceil(v.of_a_metric / 130000))::integer as parts
        from values_expected as v
    ),

    metrics as (
        select m.number / s.metrics as batch_no, array_agg(m.metric_id order by m.metric_id) as metric_ids
        from metric as m
        cross join size as s
        group by m.number / s.metrics
    ),

    periods as (
        select
            k.part_no, array_agg(k.organization_id) as organization_ids, array_agg(k.period_start) as period_starts,
            array_agg(k.cause) as causes
        from (
            select p.organization_id, p.period_start, p.cause, dense_rank() over (order by p.organization_id) % (select s.parts from size as s) as part_no
            from unnest(whole_batches.organization_ids, whole_batches.period_starts, whole_batches.causes)
                as p (organization_id, period_start, cause)
        ) as k
        group by k.part_no
    )

    select m.metric_ids, p.organization_ids, p.period_starts, p.causes
    from metrics as m
    cross join periods as p
    order by m.batch_no, p.part_no
$whole_batches$;

comment on function yardstick_engine.whole_batches(uuid[], integer, uuid[], date[], text[], uuid[]) is
'The metrics that use the given measures, as many at a time as one statement values within bounded memory, and the touched periods of one type (parallel arrays organization, period start, cause) to value them in: those of all organizations, or of some of them.';
