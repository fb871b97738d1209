-- The same values without Yardstick: one scan of the raw table into days, longer windows rolled up from
-- shorter ones and carriers from their airports, sums kept as integers, previous values taken while the
-- seven metrics still share a row, and only then one row per metric. Written for speed by someone who
-- knows this data: the zone, the metrics and their formulas stand in the text.
insert into bench.metric_calculations (
    organization_id, metric_id, aggregation_level, aggregation_id, time_window, period_end, period_start,
    metric_value, previous_value, change_percentage, sample_size,
    metric_version, calculation_status, calculation_timestamp
)
with

days as materialized (

    select
        carrier,
        origin,
        (time_hour at time zone 'America/New_York')::date as period,
        count(*) as flights,
        count(dep_time) as departed,
        count(arr_delay) as arrived,
        count(*) filter (where arr_delay < 15) as on_time,
        sum(dep_delay) as dep_delay,
        sum(arr_delay) as arr_delay,
        max(dep_delay) as max_dep_delay,
        max(arr_delay) as max_arr_delay
    from flights.flights
    group by 1, 2, 3

),

months as materialized (

    select
        carrier,
        origin,
        date_trunc('month', period::timestamp)::date as period,
        sum(flights)::bigint as flights,
        sum(departed)::bigint as departed,
        sum(arrived)::bigint as arrived,
        sum(on_time)::bigint as on_time,
        sum(dep_delay)::bigint as dep_delay,
        sum(arr_delay)::bigint as arr_delay,
        max(max_dep_delay) as max_dep_delay,
        max(max_arr_delay) as max_arr_delay
    from days
    group by 1, 2, 3

),

airports as (

    select 'daily' as time_window, period + 1 as next_period, days.* from days
    union all
    select
        'weekly',
        date_trunc('week', period::timestamp)::date + 7,
        carrier,
        origin,
        date_trunc('week', period::timestamp)::date,
        sum(flights)::bigint,
        sum(departed)::bigint,
        sum(arrived)::bigint,
        sum(on_time)::bigint,
        sum(dep_delay)::bigint,
        sum(arr_delay)::bigint,
        max(max_dep_delay),
        max(max_arr_delay)
    from days
    group by 2, 3, 4, 5
    union all
    select 'monthly', (period + interval '1 month')::date, months.* from months
    union all
    select
        'quarterly',
        (date_trunc('quarter', period::timestamp) + interval '3 months')::date,
        carrier,
        origin,
        date_trunc('quarter', period::timestamp)::date,
        sum(flights)::bigint,
        sum(departed)::bigint,
        sum(arrived)::bigint,
        sum(on_time)::bigint,
        sum(dep_delay)::bigint,
        sum(arr_delay)::bigint,
        max(max_dep_delay),
        max(max_arr_delay)
    from months
    group by 2, 3, 4, 5
    union all
    select
        'annual',
        (date_trunc('year', period::timestamp) + interval '1 year')::date,
        carrier,
        origin,
        date_trunc('year', period::timestamp)::date,
        sum(flights)::bigint,
        sum(departed)::bigint,
        sum(arrived)::bigint,
        sum(on_time)::bigint,
        sum(dep_delay)::bigint,
        sum(arr_delay)::bigint,
        max(max_dep_delay),
        max(max_arr_delay)
    from months
    group by 2, 3, 4, 5

),

states as (

    select
        time_window,
        carrier,
        origin,
        period,
        next_period,
        sum(flights)::bigint as flights,
        sum(departed)::bigint as departed,
        sum(arrived)::bigint as arrived,
        sum(on_time)::bigint as on_time,
        sum(dep_delay)::bigint as dep_delay,
        sum(arr_delay)::bigint as arr_delay,
        max(max_dep_delay) as max_dep_delay,
        max(max_arr_delay) as max_arr_delay
    from airports
    group by grouping sets (
        (time_window, carrier, origin, period, next_period),
        (time_window, carrier, period, next_period)
    )

),

numbers as (

    select
        time_window,
        carrier,
        origin,
        period,
        next_period,
        flights,
        departed,
        arrived,
        (100.0 * on_time / nullif(arrived, 0))::numeric(15, 4) as on_time_rate,
        (100.0 * (flights - departed) / flights)::numeric(15, 4) as cancellation_rate,
        (dep_delay::numeric / nullif(departed, 0))::numeric(15, 4) as mean_departure_delay,
        (arr_delay::numeric / nullif(arrived, 0))::numeric(15, 4) as mean_arrival_delay,
        max_dep_delay,
        max_arr_delay
    from states

),

sequences as (

    select
        numbers.*,
        lag(next_period) over previous = period as follows,
        lag(flights) over previous as previous_flights,
        lag(on_time_rate) over previous as previous_on_time_rate,
        lag(cancellation_rate) over previous as previous_cancellation_rate,
        lag(mean_departure_delay) over previous as previous_mean_departure_delay,
        lag(max_dep_delay) over previous as previous_max_dep_delay,
        lag(mean_arrival_delay) over previous as previous_mean_arrival_delay,
        lag(max_arr_delay) over previous as previous_max_arr_delay
    from numbers
    window previous as (partition by time_window, carrier, origin order by period)

),

scopes as (

    select o.external_id as carrier, null as origin, 'org' as aggregation_level, o.id as organization_id, o.id as aggregation_id
    from yardstick.organizations as o
    union all
    select o.external_id, d.external_id, 'dept', o.id, d.id
    from yardstick.departments as d
    inner join yardstick.organizations as o on d.organization_id = o.id

),

calculated as (

    select
        scopes.organization_id,
        scopes.aggregation_level,
        scopes.aggregation_id,
        sequences.time_window,
        sequences.next_period::timestamp at time zone 'America/New_York' as period_end,
        sequences.period::timestamp at time zone 'America/New_York' as period_start,
        metric.metric_name,
        metric.metric_value,
        case when sequences.follows then metric.previous_value end as previous_value,
        metric.sample_size
    from sequences
    inner join scopes
        on
            sequences.carrier = scopes.carrier
            and coalesce(sequences.origin, '') = coalesce(scopes.origin, '')
    cross join lateral (
        values
        ('flight_count', flights::numeric, previous_flights::numeric, flights),
        ('on_time_rate', on_time_rate, previous_on_time_rate, arrived),
        ('cancellation_rate', cancellation_rate, previous_cancellation_rate, flights),
        ('mean_departure_delay', mean_departure_delay, previous_mean_departure_delay, departed),
        ('max_departure_delay', max_dep_delay, previous_max_dep_delay, departed),
        ('mean_arrival_delay', mean_arrival_delay, previous_mean_arrival_delay, arrived),
        ('max_arrival_delay', max_arr_delay, previous_max_arr_delay, arrived)
    ) as metric (metric_name, metric_value, previous_value, sample_size)
    where metric.sample_size > 0

)

select
    calculated.organization_id,
    definitions.id,
    calculated.aggregation_level,
    calculated.aggregation_id,
    calculated.time_window,
    calculated.period_end,
    calculated.period_start,
    calculated.metric_value,
    calculated.previous_value,
    100 * (calculated.metric_value - calculated.previous_value) / nullif(abs(calculated.previous_value), 0),
    calculated.sample_size,
    1,
    'success',
    now()
from calculated
inner join yardstick.metric_definitions as definitions using (metric_name);
