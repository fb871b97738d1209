-- Of periods that no value tells of. Each window in turn; the same seed takes the same ones. What retention has removed, what waits, and
-- what is read without capture and has ended since it was read last, has no value by right.
create or replace function yardstick_engine.sample_periods(
    organization_id uuid,
    metric_id       uuid,
    first_date      date,
    last_date       date,
    sample          integer,
    seed            bigint
)
returns table (
    no              integer,
    organization_id uuid,
    timezone        text,
    time_window     text,
    period_type     integer,
    period_start    timestamptz,
    period_end      timestamptz,
    first_date      date,
    next_date       date
)
language sql
stable
set search_path = pg_catalog, pg_temp
set jit = off
as $sample_periods$
    with

    metric as materialized (

        select
            d.id, d.source_id, d.time_windows, d.refresh_frequency, d.compiled ? 'fill' as is_filled,
            coalesce(s.capture, d.compiled ? 'children') as is_captured
        from yardstick.metric_definitions as d
        left join yardstick.metric_sources as s on s.id = d.source_id
        where d.id = sample_periods.metric_id and d.is_active and d.approval_status = 'approved' and d.drifted_at is null

    ),

    -- As many as have some ten thousand days together.
    chosen as materialized (

        select o.*
        from yardstick_engine.verified_organizations(sample_periods.metric_id, sample_periods.organization_id) as o
        order by hashtextextended(o.id::text, sample_periods.seed)
        limit greatest(1, least(sample_periods.sample, 40000 / (sample_periods.last_date - sample_periods.first_date + 1)))

    ),

    served as materialized (

        select
            chosen.id as organization_id,
            -- Periods without rows are filled when their days have closed.
            case when not metric.is_filled then 'infinity' else coalesce((
                select min(r.refreshed_to)
                from yardstick.metric_refreshes as r
                where r.organization_id = chosen.id and r.source_id = metric.source_id and r.refresh_frequency = 'day_closed'
            ), '-infinity') end as filled_to,
            case when metric.is_captured then 'infinity' else coalesce((
                select max(r.refreshed_to)
                from yardstick.metric_refreshes as r
                where r.organization_id = chosen.id and r.source_id = metric.source_id and r.refresh_frequency = metric.refresh_frequency
            ), (
                select max(c.calculation_timestamp)
                from yardstick.metric_calculations as c
                where c.organization_id = chosen.id and c.metric_id = metric.id
            )) end as read_to
        from chosen
        cross join metric

    ),

    waiting as materialized (

        select w.organization_id, w.dates
        from yardstick_engine.waiting_dates(sample_periods.metric_id, array(select chosen.id from chosen)) as w

    ),

    periods as materialized (

        select distinct chosen.id as organization_id, chosen.timezone, w.time_window, k.period_type, f.first_date
        from chosen
        cross join metric
        cross join lateral unnest(metric.time_windows) as w (time_window)
        cross join lateral (select yardstick_engine.period_type(w.time_window)::integer as period_type) as k
        cross join generate_series(sample_periods.first_date::timestamp, sample_periods.last_date::timestamp, interval '1 day') as g (local_day)
        cross join lateral (
            select yardstick_engine.period_floor(
                g.local_day::date, k.period_type, chosen.week_start, chosen.fiscal_year_start_month
            ) as first_date
        ) as f

    ),

    settled as (

        select
            p.*, n.next_date, b.starts_at, b.ends_at,
            hashtextextended(format('%s %s %s', p.organization_id, p.time_window, p.first_date), sample_periods.seed) as place
        from periods as p
        inner join served on served.organization_id = p.organization_id
        left join waiting on waiting.organization_id = p.organization_id
        left join yardstick.retention_marks as r on r.organization_id = p.organization_id and r.metric_id = sample_periods.metric_id
        cross join lateral (select yardstick_engine.period_next(p.first_date, p.period_type) as next_date) as n
        cross join lateral (
            select
                yardstick_engine.local_midnight(p.first_date, p.timezone) as starts_at,
                yardstick_engine.local_midnight(n.next_date, p.timezone) as ends_at
        ) as b
        where
            p.first_date >= date '1990-01-01'
            -- A date that the zone skipped is no day.
            and b.starts_at < b.ends_at
            and b.ends_at <= served.filled_to and b.ends_at <= served.read_to
            and not coalesce(n.next_date <= case when p.period_type <= 2 then r.days_kept_from else r.kept_from end, false)
            and not coalesce(waiting.dates && daterange(p.first_date, n.next_date), false)

    ),

    numbered as (

        select settled.*, row_number() over (partition by settled.time_window order by settled.place) as turn
        from settled

    )

    select
        row_number() over (order by n.turn, n.place)::integer, n.organization_id, n.timezone, n.time_window, n.period_type, n.starts_at,
        n.ends_at, n.first_date, n.next_date
    from numbered as n
    order by n.turn, n.place
    limit sample_periods.sample
$sample_periods$;

comment on function yardstick_engine.sample_periods(uuid, uuid, date, date, integer, bigint) is
'A random sample of the periods of a metric between two local dates, of one organization or with null of several, in which a value stands wherever there are rows: none that waits, or that retention has removed.';
