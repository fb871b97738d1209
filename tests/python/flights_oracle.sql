-- Every value of the flights from the raw rows alone: each window and level grouped by itself, nothing merged.
-- One row per metric, scope, window and period.
create temporary table expected as
with

windows (time_window, step) as (

    values
    ('daily', interval '1 day'), ('weekly', interval '7 days'), ('monthly', interval '1 month'),
    ('quarterly', interval '3 months'), ('annual', interval '1 year')

),

rows as (

    select
        w.time_window,
        w.step,
        date_trunc(
            case w.time_window
                when 'daily' then 'day'
                when 'weekly' then 'week'
                when 'monthly' then 'month'
                when 'quarterly' then 'quarter'
                else 'year'
            end,
            f.time_hour at time zone 'America/New_York'
        ) as starts,
        level.aggregation_level,
        case level.aggregation_level when 'dept' then f.origin end as airport,
        f.carrier,
        f.dep_time,
        f.dep_delay,
        f.arr_delay
    from flights.flights as f
    cross join windows as w
    cross join (values ('org'), ('dept')) as level (aggregation_level)

),

wide as (

    select
        carrier,
        aggregation_level,
        airport as origin,
        time_window,
        starts,
        starts + step as ends,
        count(*) as flights,
        count(arr_delay) as arrived,
        count(dep_delay) as departed,
        100.0 * count(*) filter (where arr_delay < 15) / nullif(count(arr_delay), 0) as on_time_rate,
        100.0 * count(*) filter (where dep_time is null) / count(*) as cancellation_rate,
        avg(dep_delay) as mean_departure_delay,
        max(dep_delay) as max_departure_delay,
        avg(arr_delay) as mean_arrival_delay,
        max(arr_delay) as max_arrival_delay
    from rows
    group by carrier, aggregation_level, airport, time_window, starts, ends

),

long as (

    select
        w.carrier,
        w.aggregation_level,
        w.origin,
        w.time_window,
        w.starts,
        w.ends,
        m.metric_name,
        round(m.metric_value, 4) as metric_value,
        m.sample_size
    from wide as w
    cross join lateral (
        values
        ('flight_count', w.flights::numeric, w.flights),
        ('on_time_rate', w.on_time_rate, w.arrived),
        ('cancellation_rate', w.cancellation_rate, w.flights),
        ('mean_departure_delay', w.mean_departure_delay, w.departed),
        ('max_departure_delay', w.max_departure_delay, w.departed),
        ('mean_arrival_delay', w.mean_arrival_delay, w.arrived),
        ('max_arrival_delay', w.max_arrival_delay, w.arrived)
    ) as m (metric_name, metric_value, sample_size)
    -- No row with a value: nothing to say about the period.
    where m.sample_size > 0

)

select
    this.carrier,
    this.aggregation_level,
    this.origin,
    this.time_window,
    this.metric_name,
    this.starts at time zone 'America/New_York' as period_start,
    this.ends at time zone 'America/New_York' as period_end,
    this.metric_value,
    before.metric_value as previous_value,
    round(100 * (this.metric_value - before.metric_value) / nullif(abs(before.metric_value), 0), 2) as change_percentage,
    this.sample_size::integer as sample_size
from long as this
left join long as before
    on
        this.carrier = before.carrier
        and this.aggregation_level = before.aggregation_level
        and coalesce(this.origin, '') = coalesce(before.origin, '')
        and this.time_window = before.time_window
        and this.metric_name = before.metric_name
        and this.starts = before.ends;
