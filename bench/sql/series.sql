-- Organizations with their departments, and 13 ended months of every metric of each department; about one month in forty is missing,
-- one in eighty has no value, one in a hundred is 0, and every tenth series goes somewhere.
do $fill$
begin
    perform yardstick_api.set_approval_gates(null, '{}', 'series of a bench');
    perform yardstick.ensure_year_partitions('yardstick.metric_calculations', (now() - interval '15 months')::date, now()::date);
end
$fill$;

insert into yardstick.organizations (organization_name, external_id, timezone)
select 'Series ' || n, 'series-' || n, (array['UTC', 'Europe/Berlin', 'Asia/Kolkata'])[1 + n % 3]
from generate_series(1, current_setting('bench.organizations')::integer) as n;

insert into yardstick.departments (organization_id, department_name)
select o.id, 'Department ' || n
from yardstick.organizations as o
cross join generate_series(1, current_setting('bench.departments')::integer) as n
where o.external_id like 'series-%';

insert into yardstick.metric_definitions (
    metric_name, display_name, metric_category, metric_type, unit_of_measure, calculation_method, data_sources,
    aggregation_levels, time_windows, direction, target_value
)
select
    'series_' || n, 'Series ' || n, 'quality', 'average', 'days', 'external', '{}', '{dept}', '{monthly}',
    case n % 2 when 0 then 'higher_better' else 'lower_better' end, 60
from generate_series(1, current_setting('bench.metrics')::integer) as n;

insert into yardstick.metric_calculations (
    organization_id, metric_id, aggregation_level, aggregation_id, time_window, period_start, period_end, metric_version,
    calculation_timestamp, metric_value, target_value, variance_from_target, calculation_status, data_quality_score, sample_size,
    metadata
)
select
    v.organization_id, v.metric_id, 'dept', v.department_id, 'monthly', v.month_start at time zone v.timezone,
    (v.month_start + interval '1 month') at time zone v.timezone, 1, now(), v.value, 60, v.value - 60,
    case when v.value is null then 'warning' else 'success' end, 1, 40, '{"is_complete": true}'
from (
    select
        o.id as organization_id, o.timezone, d.id as department_id, m.id as metric_id,
        date_trunc('month', now() at time zone 'UTC') - ago * interval '1 month' as month_start,
        case
            when r.chance % 80 = 1 then null
            when r.chance % 100 = 2 then 0
            else
                round(
                    40 + abs(s.chance) % 40 + r.chance % 1000 / 100.0 + case when s.chance % 10 = 0 then 2.5 * (13 - ago) * sign(s.chance::numeric) else 0 end,
                    4
                )
        end as value,
        r.chance
    from yardstick.organizations as o
    inner join yardstick.departments as d on d.organization_id = o.id
    cross join yardstick.metric_definitions as m
    cross join generate_series(1, 13) as ago
    cross join lateral (select hashtextextended(d.id::text || m.id::text, 0) as chance) as s
    cross join lateral (select abs(hashtextextended(d.id::text || m.id::text, ago) / 2) as chance) as r
    where o.external_id like 'series-%' and m.metric_name like 'series_%'
) as v
where v.chance % 41 <> 0
order by v.month_start, v.organization_id, v.metric_id, v.department_id;

analyze yardstick.organizations, yardstick.departments, yardstick.metric_definitions;
