-- The same rows without Yardstick: one scan of the raw table into days of airports and carriers, longer windows rolled up from
-- shorter ones, sums kept as integers, previous values taken while the seven metrics still share a row, and only then one row per
-- metric with its rank, interval and quality. Written for speed by someone who knows this data: the zone, the metrics and their
-- formulas stand in the text. Only the quantiles of t and Poisson are taken from where they are already solved.
insert into bench.metric_calculations (
    organization_id, metric_id, aggregation_level, aggregation_id, time_window, period_end, period_start,
    metric_value, previous_value, change_percentage, target_value, variance_from_target, percentile_rank, confidence_interval,
    data_quality_score, metadata, sample_size, metric_version, calculation_status, calculation_timestamp
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
        sum(dep_delay * dep_delay) as dep_squares,
        sum(arr_delay * arr_delay) as arr_squares,
        max(dep_delay) as max_dep_delay,
        max(arr_delay) as max_arr_delay
    from flights.flights
    group by 1, 2, 3

),

scope_days as materialized (

    select
        carrier,
        origin,
        period,
        sum(flights)::bigint as flights,
        sum(departed)::bigint as departed,
        sum(arrived)::bigint as arrived,
        sum(on_time)::bigint as on_time,
        sum(dep_delay)::bigint as dep_delay,
        sum(arr_delay)::bigint as arr_delay,
        sum(dep_squares)::bigint as dep_squares,
        sum(arr_squares)::bigint as arr_squares,
        max(max_dep_delay) as max_dep_delay,
        max(max_arr_delay) as max_arr_delay
    from days
    group by grouping sets ((carrier, origin, period), (carrier, period))

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
        sum(dep_squares)::bigint as dep_squares,
        sum(arr_squares)::bigint as arr_squares,
        max(max_dep_delay) as max_dep_delay,
        max(max_arr_delay) as max_arr_delay,
        count(*)::integer as days_flown,
        count(*) filter (where departed > 0)::integer as days_departed,
        count(*) filter (where arrived > 0)::integer as days_arrived,
        max(period) as last_flown,
        max(period) filter (where departed > 0) as last_departed,
        max(period) filter (where arrived > 0) as last_arrived
    from scope_days
    group by 1, 2, 3

),

states as (

    select
        'daily' as time_window,
        period + 1 as next_period,
        scope_days.*,
        1 as days_flown,
        case when departed > 0 then 1 else 0 end as days_departed,
        case when arrived > 0 then 1 else 0 end as days_arrived,
        period as last_flown,
        period as last_departed,
        period as last_arrived
    from scope_days
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
        sum(dep_squares)::bigint,
        sum(arr_squares)::bigint,
        max(max_dep_delay),
        max(max_arr_delay),
        count(*)::integer,
        count(*) filter (where departed > 0)::integer,
        count(*) filter (where arrived > 0)::integer,
        max(period),
        max(period) filter (where departed > 0),
        max(period) filter (where arrived > 0)
    from scope_days
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
        sum(dep_squares)::bigint,
        sum(arr_squares)::bigint,
        max(max_dep_delay),
        max(max_arr_delay),
        sum(days_flown)::integer,
        sum(days_departed)::integer,
        sum(days_arrived)::integer,
        max(last_flown),
        max(last_departed),
        max(last_arrived)
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
        sum(dep_squares)::bigint,
        sum(arr_squares)::bigint,
        max(max_dep_delay),
        max(max_arr_delay),
        sum(days_flown)::integer,
        sum(days_departed)::integer,
        sum(days_arrived)::integer,
        max(last_flown),
        max(last_departed),
        max(last_arrived)
    from months
    group by 2, 3, 4, 5

),

numbers as (

    select
        states.*,
        least(next_period, (now() at time zone 'America/New_York')::date) - period as days_ended,
        (100.0 * on_time / nullif(arrived, 0))::numeric(15, 4) as on_time_rate,
        (100.0 * (flights - departed) / flights)::numeric(15, 4) as cancellation_rate,
        (dep_delay::numeric / nullif(departed, 0))::numeric(15, 4) as mean_departure_delay,
        (arr_delay::numeric / nullif(arrived, 0))::numeric(15, 4) as mean_arrival_delay,
        case
            when departed > 1
                then sqrt(greatest(dep_squares - dep_delay::numeric * dep_delay / departed, 0)::float8 / (departed - 1) / departed)
        end as departure_error,
        case
            when arrived > 1
                then sqrt(greatest(arr_squares - arr_delay::numeric * arr_delay / arrived, 0)::float8 / (arrived - 1) / arrived)
        end as arrival_error
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
        sequences.carrier,
        sequences.time_window,
        sequences.period,
        sequences.next_period,
        sequences.days_ended,
        metric.metric_name,
        metric.metric_value,
        case when sequences.follows then metric.previous_value end as previous_value,
        metric.sample_size,
        metric.days_with_rows,
        case
            when metric.days_with_rows >= sequences.days_ended then sequences.days_ended
            else metric.last_day - sequences.period + 1
        end as days_reached,
        metric.interval_kind,
        metric.exact_value,
        metric.spread
    from sequences
    inner join scopes
        on
            sequences.carrier = scopes.carrier
            and coalesce(sequences.origin, '') = coalesce(scopes.origin, '')
    cross join lateral (
        values
        (
            'flight_count', flights::numeric, previous_flights::numeric, flights, days_flown, last_flown,
            'count', null::numeric, null::float8
        ),
        (
            'on_time_rate', on_time_rate, previous_on_time_rate, arrived, days_arrived, last_arrived,
            'share', null, on_time::float8
        ),
        (
            'cancellation_rate', cancellation_rate, previous_cancellation_rate, flights, days_flown, last_flown,
            'share', null, (flights - departed)::float8
        ),
        (
            'mean_departure_delay', mean_departure_delay, previous_mean_departure_delay, departed, days_departed, last_departed,
            'mean', dep_delay::numeric / nullif(departed, 0), departure_error
        ),
        ('max_departure_delay', max_dep_delay, previous_max_dep_delay, departed, days_departed, last_departed, null, null, null),
        (
            'mean_arrival_delay', mean_arrival_delay, previous_mean_arrival_delay, arrived, days_arrived, last_arrived,
            'mean', arr_delay::numeric / nullif(arrived, 0), arrival_error
        ),
        ('max_arrival_delay', max_arr_delay, previous_max_arr_delay, arrived, days_arrived, last_arrived, null, null, null)
    ) as metric (
        metric_name, metric_value, previous_value, sample_size, days_with_rows, last_day, interval_kind, exact_value, spread
    )
    where metric.sample_size > 0

),

ranked as (

    select
        calculated.*,
        count(*) over peers as peer_count,
        rank() over (peers order by metric_value) as peer_rank
    from calculated
    window peers as (partition by period, next_period, carrier, metric_name, aggregation_level)

),

quantiles as materialized (

    select
        yardstick_engine.interval_quantiles('t') as t,
        yardstick_engine.interval_quantiles('poisson_low') as low,
        yardstick_engine.interval_quantiles('poisson_high') as high

)

select
    ranked.organization_id,
    definitions.id,
    ranked.aggregation_level,
    ranked.aggregation_id,
    ranked.time_window,
    ranked.next_period::timestamp at time zone 'America/New_York',
    ranked.period::timestamp at time zone 'America/New_York',
    ranked.metric_value,
    ranked.previous_value,
    100 * (ranked.metric_value - ranked.previous_value) / nullif(abs(ranked.previous_value), 0),
    definitions.target_value,
    ranked.metric_value - definitions.target_value,
    case
        when ranked.peer_count > 1
            then ((200 * (ranked.peer_rank - 1) + ranked.peer_count - 1) / (2 * (ranked.peer_count - 1)))::integer
    end,
    case ranked.interval_kind
        when 'count' then numrange(
            round((
                case
                    when ranked.sample_size <= 100 then quantiles.low[ranked.sample_size + 1]
                    else bench.chi_square_quantile(-sqrt(2.0::float8 * ranked.sample_size)) / 2
                end
            )::numeric, 4),
            round((
                case
                    when ranked.sample_size <= 100 then quantiles.high[ranked.sample_size + 1]
                    else bench.chi_square_quantile(sqrt(2.0::float8 * (ranked.sample_size + 1))) / 2
                end
            )::numeric, 4),
            '[]'
        )
        when 'share' then numrange(
            round(greatest(100 * bench.wilson_bound(ranked.spread, ranked.sample_size, -1.9599639845400543), 0)::numeric, 4),
            round(least(100 * bench.wilson_bound(ranked.spread, ranked.sample_size, 1.9599639845400543), 100)::numeric, 4),
            '[]'
        )
        when 'mean' then case
            when ranked.sample_size > 1 then numrange(
                round(ranked.exact_value - (ranked.spread * bench.t_quantile(quantiles.t, ranked.sample_size - 1))::numeric, 4),
                round(ranked.exact_value + (ranked.spread * bench.t_quantile(quantiles.t, ranked.sample_size - 1))::numeric, 4),
                '[]'
            )
        end
    end,
    case
        when ranked.days_with_rows >= ranked.days_ended then 1
        when ranked.days_with_rows > 0
            then round(
                ranked.days_with_rows::numeric * ranked.days_reached / (ranked.days_ended::numeric * ranked.days_ended), 2
            )
    end,
    case
        when ranked.days_with_rows >= ranked.days_ended
            then jsonb '{"is_complete": true, "completeness": 1, "validity": 1, "timeliness": 1}'
        else jsonb_build_object(
            'is_complete', true,
            'completeness', trim_scale(round(ranked.days_with_rows::numeric / ranked.days_ended, 4)),
            'validity', 1,
            'timeliness', trim_scale(round(ranked.days_reached::numeric / ranked.days_ended, 4))
        )
    end,
    ranked.sample_size,
    1,
    'success',
    now()
from ranked
inner join yardstick.metric_definitions as definitions using (metric_name)
cross join quantiles;
