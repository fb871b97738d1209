-- One query for all metrics and scopes: GROUP BY and hash joins, for window functions over everything lost to a row loop.
-- No SET clause, so that it is inlined: its rows go where they are used without being put down in between.
create or replace function yardstick_engine.snapshots_of(
    organization_id uuid,
    snapshot_type   text,
    first_date      date,
    last_date       date,
    from_time       timestamptz,
    to_time         timestamptz
)
returns table (
    metric_id                   uuid,
    aggregation_level           text,
    aggregation_id              uuid,
    snapshot_date               date,
    metric_value                numeric,
    min_value                   numeric,
    max_value                   numeric,
    avg_value                   numeric,
    std_deviation               numeric,
    sample_count                integer,
    percentile_25               numeric,
    percentile_50               numeric,
    percentile_75               numeric,
    percentile_95               numeric,
    trend                       text,
    year_over_year_change       numeric,
    quarter_over_quarter_change numeric,
    month_over_month_change     numeric,
    number                      bigint
)
language sql
stable
begin atomic
    with

    wanted as (

        select
            c.metric_id, c.aggregation_level, c.aggregation_id, k.snapshot_date,
            max(c.metric_value) filter (where k.is_own) as metric_value,
            max(c.metric_value) filter (where k.is_month_before) as month_before,
            max(c.metric_value) filter (where k.is_quarter_before) as quarter_before,
            max(c.metric_value) filter (where k.is_year_before) as year_before,
            -- Place and value in one number, as trend_letters() takes them: an array more, or floating point, costs more than the trend.
            array_agg(k.place + (c.metric_value * 10000)::bigint) filter (where c.metric_value is not null and k.place is not null) as points
        from yardstick.metric_calculations as c
        inner join yardstick_engine.snapshot_looks(
            snapshots_of.organization_id, snapshots_of.snapshot_type, snapshots_of.first_date, snapshots_of.last_date,
            snapshots_of.to_time
        ) as k on k.period_end = c.period_end
        where
            c.organization_id = snapshots_of.organization_id
            and c.time_window = snapshots_of.snapshot_type
            and c.period_end > snapshots_of.from_time
            and c.period_end <= snapshots_of.to_time
        group by 1, 2, 3, 4
        having bool_or(k.is_own)

    ),

    -- In the order of the key that they are written under.
    numbered as materialized (

        select
            w.*, m.direction, m.target_low, m.target_high, m.kind, m.is_part,
            row_number() over (order by w.metric_id, w.aggregation_id, w.snapshot_date) as number
        from wanted as w
        left join (
            select
                d.*, d.finest_window <> snapshots_of.snapshot_type as is_part,
                dense_rank() over (order by d.direction, d.target_low, d.target_high) as kind
            from yardstick_engine.snapshot_metrics(snapshots_of.organization_id) as d
            offset 0
        ) as m on m.metric_id = w.metric_id

    ),

    -- Thousands of series in one call, and back by their place in it.
    trends as (

        select
            n.kind, cardinality(n.points) as point_count, n.number / 4096 as batch,
            yardstick_stats.trend_letters(
                array_agg((n.number % 4096)::integer), array_agg(n.points), n.direction, n.target_low, n.target_high
            ) as letters
        from numbered as n
        where cardinality(n.points) >= 8 and n.direction is not null
        group by n.kind, n.direction, n.target_low, n.target_high, 2, 3

    )

    select
        n.metric_id, n.aggregation_level, n.aggregation_id, n.snapshot_date, n.metric_value,
        case when n.is_part then round(s.min_value, 4) else n.metric_value end,
        case when n.is_part then round(s.max_value, 4) else n.metric_value end,
        case when n.is_part then round(s.avg_value, 4) else n.metric_value end,
        -- Opposite extremes can spread wider than the column holds.
        case when s.std_deviation < 99999999999 then round(s.std_deviation, 4) end,
        case when n.is_part then coalesce(s.sample_count, 0) else num_nonnulls(n.metric_value) end,
        case when n.is_part then round(s.percentile_25, 4) else n.metric_value end,
        case when n.is_part then round(s.percentile_50, 4) else n.metric_value end,
        case when n.is_part then round(s.percentile_75, 4) else n.metric_value end,
        case when n.is_part then round(s.percentile_95, 4) else n.metric_value end,
        case get_byte(t.letters, (n.number % 4096)::integer)
            when ascii('s') then 'stable' when ascii('i') then 'improving' when ascii('d') then 'declining'
        end,
        round(100 * (n.metric_value - n.year_before) / nullif(abs(n.year_before), 0), 2),
        round(100 * (n.metric_value - n.quarter_before) / nullif(abs(n.quarter_before), 0), 2),
        round(100 * (n.metric_value - n.month_before) / nullif(abs(n.month_before), 0), 2),
        n.number
    from numbered as n
    left join trends as t on t.kind = n.kind and t.point_count = cardinality(n.points) and t.batch = n.number / 4096
    left join yardstick_engine.snapshot_spread(
        snapshots_of.organization_id, snapshots_of.snapshot_type, snapshots_of.first_date, snapshots_of.last_date, snapshots_of.to_time
    ) as s
        on
            s.metric_id = n.metric_id
            and s.aggregation_level = n.aggregation_level
            and s.aggregation_id = n.aggregation_id
            and s.snapshot_date = n.snapshot_date
    -- Each column worked out once, not wherever it is named.
    offset 0;
end;

comment on function yardstick_engine.snapshots_of(uuid, text, date, date, timestamptz, timestamptz) is
'The snapshots of one organization, type and stretch of dates, as they have to be, numbered in the order of their key; reads values of '
'periods that end after from_time, up to to_time.';
