-- The last month's snapshots worked out a second way: each earlier month looked up by itself; for one organization also the pairs of months that
-- rise or fall: a trend goes the way that most of them go, and there is one where nearly all do.
with

calculations as materialized (

    select
        c.organization_id, c.metric_id, c.aggregation_level, c.aggregation_id, c.metric_value,
        (c.period_start at time zone o.timezone)::date as month_start
    from yardstick.metric_calculations as c
    inner join yardstick.organizations as o on o.id = c.organization_id
    where o.external_id like 'series-%' and c.time_window = 'monthly'

),

latest as (

    select c.*, (c.month_start + interval '1 month')::date - 1 as snapshot_date
    from calculations as c
    where c.month_start = date_trunc('month', now() at time zone 'UTC') - interval '1 month'

),

expected as (

    select
        l.organization_id, l.metric_id, l.aggregation_level, l.aggregation_id, l.snapshot_date, l.metric_value,
        round(100 * (l.metric_value - m.metric_value) / nullif(abs(m.metric_value), 0), 2) as month_change,
        round(100 * (l.metric_value - q.metric_value) / nullif(abs(q.metric_value), 0), 2) as quarter_change,
        round(100 * (l.metric_value - y.metric_value) / nullif(abs(y.metric_value), 0), 2) as year_change
    from latest as l
    left join calculations as m
        on (m.organization_id, m.metric_id, m.aggregation_id) = (l.organization_id, l.metric_id, l.aggregation_id)
        and m.month_start = l.month_start - interval '1 month'
    left join calculations as q
        on (q.organization_id, q.metric_id, q.aggregation_id) = (l.organization_id, l.metric_id, l.aggregation_id)
        and q.month_start = l.month_start - interval '3 months'
    left join calculations as y
        on (y.organization_id, y.metric_id, y.aggregation_id) = (l.organization_id, l.metric_id, l.aggregation_id)
        and y.month_start = l.month_start - interval '12 months'

),

pairs as (

    select
        a.organization_id, a.metric_id, a.aggregation_id,
        sum(sign(b.metric_value - a.metric_value)) as score
    from calculations as a
    inner join calculations as b on (a.metric_id, a.aggregation_id) = (b.metric_id, b.aggregation_id) and a.month_start < b.month_start
    where a.organization_id = (select o.id from yardstick.organizations as o where o.external_id = 'series-7')
    group by 1, 2, 3

),

found as (

    select s.*, d.direction
    from yardstick.metric_snapshots as s
    inner join yardstick.organizations as o on o.id = s.organization_id
    inner join yardstick.metric_definitions as d on d.id = s.metric_id
    where
        o.external_id like 'series-%' and s.snapshot_type = 'monthly'
        and s.snapshot_date = date_trunc('month', now() at time zone 'UTC')::date - 1

)

select count(*)
from expected as e
full join found as f
    on (f.organization_id, f.metric_id, f.aggregation_level, f.aggregation_id, f.snapshot_date)
    = (e.organization_id, e.metric_id, e.aggregation_level, e.aggregation_id, e.snapshot_date)
left join pairs as p
    on (p.organization_id, p.metric_id, p.aggregation_id) = (e.organization_id, e.metric_id, e.aggregation_id)
where
    e.metric_id is null or f.metric_id is null
    or (
        f.metric_value, f.min_value, f.max_value, f.avg_value, f.percentile_25, f.percentile_50, f.percentile_75, f.percentile_95,
        f.sample_count, f.month_over_month_change, f.quarter_over_quarter_change, f.year_over_year_change
    ) is distinct from (
        e.metric_value, e.metric_value, e.metric_value, e.metric_value, e.metric_value, e.metric_value, e.metric_value, e.metric_value,
        num_nonnulls(e.metric_value), e.month_change, e.quarter_change, e.year_change
    )
    or f.std_deviation is not null
    or case f.trend
        when 'improving' then p.score * case f.direction when 'lower_better' then -1 else 1 end <= 0
        when 'declining' then p.score * case f.direction when 'lower_better' then -1 else 1 end >= 0
        when 'stable' then abs(p.score) = 78
        else f.trend is not null
    end
