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
            d.organization_id,
            d.metric_name,
            d.source_id,
            d.aggregation_levels,
            d.time_windows,
            -- What is read without capture is behind its source while a period runs.
            coalesce(s.capture, d.compiled ? 'children') as is_captured,
            array(select m.measure_id from yardstick_engine.metric_measure_ids(d.id) as m (measure_id)) as measure_ids
        from yardstick.metric_definitions as d
        left join yardstick.metric_sources as s on s.id = d.source_id
        where d.id = sample_calculations.metric_id

    ),

    chosen as materialized (

        select o.id, o.timezone, o.week_start, o.fiscal_year_start_month
        from yardstick.organizations as o
        cross join metric
        where
            o.is_active
            and (sample_calculations.organization_id is null or o.id = sample_calculations.organization_id)
            and (metric.organization_id is null or metric.organization_id = o.id)
            and not exists (
                select from yardstick.metric_definitions as own
                where own.organization_id = o.id and own.metric_name = metric.metric_name and own.id <> metric.id and own.deleted_at is null
            )
            and exists (select from yardstick.metric_calculations as c where c.organization_id = o.id and c.metric_id = metric.id)
        order by hashtextextended(o.id::text, sample_calculations.seed)
        limit sample_calculations.sample

    ),

    -- Dates that wait to be calculated.
    waiting as materialized (

        select w.organization_id, range_agg(daterange(w.from_date, w.to_date)) as dates
        from (
            select d.organization_id, d.period_start as from_date, yardstick_engine.period_next(d.period_start, d.period_type) as to_date
            from yardstick.metric_dirty as d
            inner join metric on metric.source_id = d.source_id
            union
            -- Whosever days these are: near enough for a sample.
            select chosen.id, (u.first_at at time zone 'UTC')::date - 1, (u.last_at at time zone 'UTC')::date + 2
            from yardstick.source_changes as c
            inner join metric on metric.source_id = c.source_id
            cross join lateral unnest(c.first_at, c.last_at) as u (first_at, last_at)
            cross join chosen
            union
            select p.organization_id, p.period_start, yardstick_engine.period_next(p.period_start, p.period_type)
            from yardstick.metric_pending as p
            inner join metric on metric.id = p.metric_id
            union
            select chosen.id, s.period_start, s.period_start + 7
            from yardstick.calculation_slices as s
            inner join metric on metric.source_id = s.source_id and metric.measure_ids && s.measure_ids
            cross join chosen
            where s.period_type = 2
            union
            select chosen.id, p.from_date, p.to_date
            from yardstick.postponed_weeks as p
            inner join metric on metric.source_id = p.source_id and metric.measure_ids && p.measure_ids
            cross join chosen
        ) as w
        group by w.organization_id

    ),

    stored as (

        select
            c.organization_id, chosen.timezone, c.aggregation_level, c.aggregation_id, c.time_window, c.period_start, c.period_end, c.metric_value,
            c.error_code, coalesce(c.metadata ? 'method', false) as is_estimated, k.period_type, f.first_date,
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
        settled.first_date, settled.next_date, settled.metric_value, settled.error_code, settled.is_estimated
    from settled
    order by settled.turn, settled.place
    limit sample_calculations.sample
$sample_calculations$;

comment on function yardstick_engine.sample_calculations(uuid, uuid, integer, bigint) is
'A random sample of the stored values of a metric, of one organization or with null of as many as there are values to take, nothing of them waiting to be calculated again.';
