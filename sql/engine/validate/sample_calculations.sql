-- Each level and window in turn, so that a small sample meets all of them. The order is that of a hash, not of random(): the same
-- seed takes the same rows wherever they stand.
create or replace function yardstick_engine.sample_calculations(
    organization_id uuid,
    metric_id       uuid,
    sample          integer,
    seed            bigint
)
returns table (
    no                integer,
    organization_id   uuid,
    timezone          text,
    aggregation_level text,
    aggregation_id    uuid,
    time_window       text,
    period_type       integer,
    period_start      timestamptz,
    period_end        timestamptz,
    first_date        date,
    next_date         date,
    metric_value      numeric,
    error_code        text,
    sample_size       integer,
    is_estimated      boolean
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $sample_calculations$
    with

    metric as (

        select
            d.id,
            d.aggregation_levels,
            d.time_windows,
            -- What is read without capture is behind its source while a period runs.
            coalesce(s.capture, d.compiled ? 'children') as is_captured
        from yardstick.metric_definitions as d
        left join yardstick.metric_sources as s on s.id = d.source_id
        where d.id = sample_calculations.metric_id

    ),

    chosen as materialized (

        select o.id, o.timezone, o.week_start, o.fiscal_year_start_month
        from yardstick_engine.verified_organizations(sample_calculations.metric_id, sample_calculations.organization_id) as o
        where exists (select from yardstick.metric_calculations as c where c.organization_id = o.id and c.metric_id = sample_calculations.metric_id)
        order by hashtextextended(o.id::text, sample_calculations.seed)
        limit sample_calculations.sample

    ),

    waiting as materialized (

        select w.organization_id, w.dates
        from yardstick_engine.waiting_dates(sample_calculations.metric_id, array(select chosen.id from chosen)) as w

    ),

    stored as (

        select
            c.organization_id, chosen.timezone, c.aggregation_level, c.aggregation_id, c.time_window, c.period_start, c.period_end, c.metric_value,
            c.error_code, c.sample_size, coalesce(c.metadata ? 'method', false) as is_estimated, k.period_type, f.first_date,
            -- Not the date that the clocks show at its end: that is one later where the zone skipped a date between.
            yardstick_engine.period_next(f.first_date, k.period_type) as next_date,
            hashtextextended(c.id::text, sample_calculations.seed) as place
        from chosen
        cross join metric
        inner join yardstick.metric_calculations as c on c.organization_id = chosen.id and c.metric_id = metric.id
        cross join lateral (select yardstick_engine.period_type(c.time_window)::integer as period_type) as k
        cross join lateral (
            select yardstick_engine.period_date(
                c.period_start, chosen.timezone, k.period_type, chosen.week_start, chosen.fiscal_year_start_month
            ) as first_date
        ) as f
        where
            c.aggregation_level = any(metric.aggregation_levels)
            and c.time_window = any(metric.time_windows)
            and (metric.is_captured or c.period_end <= now())

    ),

    settled as (

        select
            stored.*,
            row_number() over (partition by stored.aggregation_level, stored.time_window order by stored.place) as turn
        from stored
        left join waiting on waiting.organization_id = stored.organization_id
        where not coalesce(waiting.dates && daterange(stored.first_date, stored.next_date), false)

    )

    select
        row_number() over (order by settled.turn, settled.place)::integer, settled.organization_id, settled.timezone, settled.aggregation_level,
        settled.aggregation_id, settled.time_window, settled.period_type, settled.period_start, settled.period_end,
        settled.first_date, settled.next_date, settled.metric_value, settled.error_code, settled.sample_size, settled.is_estimated
    from settled
    order by settled.turn, settled.place
    limit sample_calculations.sample
$sample_calculations$;

comment on function yardstick_engine.sample_calculations(uuid, uuid, integer, bigint) is
'A random sample of the stored values of a metric, of one organization or with null of as many as there are values to take, nothing of them waiting to be calculated again.';
