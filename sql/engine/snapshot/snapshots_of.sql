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
    month_over_month_change     numeric
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
            -- Place and value in one number, as trend_packed() takes them: an array more, or floating point, costs more than the trend.
            array_agg(k.place + (c.metric_value * 10000)::bigint) filter (where c.metric_value is not null) as points
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

    )

    select
        w.metric_id, w.aggregation_level, w.aggregation_id, w.snapshot_date, w.metric_value,
        case when m.is_part then round(s.min_value, 4) else w.metric_value end,
        case when m.is_part then round(s.max_value, 4) else w.metric_value end,
        case when m.is_part then round(s.avg_value, 4) else w.metric_value end,
        -- Opposite extremes can spread wider than the column holds.
        case when s.std_deviation < 99999999999 then round(s.std_deviation, 4) end,
        case when m.is_part then coalesce(s.sample_count, 0) else num_nonnulls(w.metric_value) end,
        case when m.is_part then round(s.percentile_25, 4) else w.metric_value end,
        case when m.is_part then round(s.percentile_50, 4) else w.metric_value end,
        case when m.is_part then round(s.percentile_75, 4) else w.metric_value end,
        case when m.is_part then round(s.percentile_95, 4) else w.metric_value end,
        yardstick_stats.trend_packed(w.points, m.direction, m.target_low, m.target_high),
        round(100 * (w.metric_value - w.year_before) / nullif(abs(w.year_before), 0), 2),
        round(100 * (w.metric_value - w.quarter_before) / nullif(abs(w.quarter_before), 0), 2),
        round(100 * (w.metric_value - w.month_before) / nullif(abs(w.month_before), 0), 2)
    from wanted as w
    left join (
        select d.*, d.finest_window <> snapshots_of.snapshot_type as is_part
        from yardstick_engine.snapshot_metrics(snapshots_of.organization_id) as d
        offset 0
    ) as m on m.metric_id = w.metric_id
    left join yardstick_engine.snapshot_spread(
        snapshots_of.organization_id, snapshots_of.snapshot_type, snapshots_of.first_date, snapshots_of.last_date, snapshots_of.to_time
    ) as s
        on
            s.metric_id = w.metric_id
            and s.aggregation_level = w.aggregation_level
            and s.aggregation_id = w.aggregation_id
            and s.snapshot_date = w.snapshot_date
    -- Each column worked out once, not wherever it is named.
    offset 0;
end;

comment on function yardstick_engine.snapshots_of(uuid, text, date, date, timestamptz, timestamptz) is
'The snapshots of one organization, type and stretch of dates, as they have to be; reads values of periods that end after from_time, up to '
'to_time.';
