create or replace view yardstick_bi.metric_snapshots as
with

snapshots as (

    select
        organization_id, metric_id, aggregation_level, aggregation_id, snapshot_type, snapshot_date, metric_value, min_value,
        max_value, avg_value, std_deviation, sample_count, percentile_25, percentile_50, percentile_75, percentile_95, trend,
        year_over_year_change, quarter_over_quarter_change, month_over_month_change, created_at
    from yardstick.metric_snapshots

),

metrics as (

    select metric_id, metric_name, display_name, metric_category, unit_of_measure
    from yardstick_bi.metrics

),

organizations as (

    select id, organization_name
    from yardstick.organizations

),

departments as (

    select id, department_name
    from yardstick.departments

),

teams as (

    select id, team_name
    from yardstick.teams

),

users as (

    select id, user_name
    from yardstick.users

)

select
    snapshots.organization_id,
    snapshots.metric_id,
    metrics.metric_name,
    metrics.display_name,
    metrics.metric_category,
    metrics.unit_of_measure,
    snapshots.aggregation_level,
    snapshots.aggregation_id,
    case snapshots.aggregation_level
        when 'org' then organizations.organization_name
        when 'dept' then departments.department_name
        when 'team' then teams.team_name
        else users.user_name
    end as scope_name,
    snapshots.snapshot_type,
    snapshots.snapshot_date,
    snapshots.metric_value::float8 as metric_value,
    snapshots.metric_value as metric_value_exact,
    snapshots.min_value::float8 as min_value,
    snapshots.max_value::float8 as max_value,
    snapshots.avg_value::float8 as avg_value,
    snapshots.std_deviation::float8 as std_deviation,
    snapshots.sample_count,
    snapshots.percentile_25::float8 as percentile_25,
    snapshots.percentile_50::float8 as percentile_50,
    snapshots.percentile_75::float8 as percentile_75,
    snapshots.percentile_95::float8 as percentile_95,
    snapshots.trend,
    snapshots.month_over_month_change::float8 as month_over_month_pct,
    snapshots.quarter_over_quarter_change::float8 as quarter_over_quarter_pct,
    snapshots.year_over_year_change::float8 as year_over_year_pct,
    snapshots.created_at as taken_at
from snapshots
inner join metrics on metrics.metric_id = snapshots.metric_id
inner join organizations on organizations.id = snapshots.organization_id
left join departments on snapshots.aggregation_level = 'dept' and departments.id = snapshots.aggregation_id
left join teams on snapshots.aggregation_level = 'team' and teams.id = snapshots.aggregation_id
left join users on snapshots.aggregation_level = 'user' and users.id = snapshots.aggregation_id;

comment on view yardstick_bi.metric_snapshots is
'One row per metric, scope, snapshot type and date: the value of that window with its spread, changes and trend.';
comment on column yardstick_bi.metric_snapshots.organization_id is 'Organization it belongs to.';
comment on column yardstick_bi.metric_snapshots.metric_id is 'Identifier of the metric; joins to metrics.';
comment on column yardstick_bi.metric_snapshots.metric_name is 'Name of the metric in formulas, functions and queries.';
comment on column yardstick_bi.metric_snapshots.display_name is 'Name of the metric for people.';
comment on column yardstick_bi.metric_snapshots.metric_category is 'Subject of the metric; null: none was given.';
comment on column yardstick_bi.metric_snapshots.unit_of_measure is
'Unit of metric_value, as defined: %, count, days, hours, a currency; null: a bare number.';
comment on column yardstick_bi.metric_snapshots.aggregation_level is 'Level of the scope: org, dept, team or user.';
comment on column yardstick_bi.metric_snapshots.aggregation_id is 'Organization, department, team or user the value is of.';
comment on column yardstick_bi.metric_snapshots.scope_name is 'Name of that organization, department, team or user.';
comment on column yardstick_bi.metric_snapshots.snapshot_type is
'Window of the snapshot: daily, weekly, monthly, quarterly or annual.';
comment on column yardstick_bi.metric_snapshots.snapshot_date is
'Last day of the window on the calendar of the organization.';
comment on column yardstick_bi.metric_snapshots.metric_value is 'Value of the window in unit_of_measure; null: it has none.';
comment on column yardstick_bi.metric_snapshots.metric_value_exact is 'The same value as the exact number that is stored.';
comment on column yardstick_bi.metric_snapshots.min_value is
'Smallest value of the finest windows inside; null: none has a value.';
comment on column yardstick_bi.metric_snapshots.max_value is
'Largest value of the finest windows inside; null: none has a value.';
comment on column yardstick_bi.metric_snapshots.avg_value is
'Mean of the values of the finest windows inside; null: none has a value.';
comment on column yardstick_bi.metric_snapshots.std_deviation is
'Standard deviation (of a sample) of those values; null below two.';
comment on column yardstick_bi.metric_snapshots.sample_count is 'Number of those values.';
comment on column yardstick_bi.metric_snapshots.percentile_25 is 'First quartile of those values.';
comment on column yardstick_bi.metric_snapshots.percentile_50 is 'Median of those values.';
comment on column yardstick_bi.metric_snapshots.percentile_75 is 'Third quartile of those values.';
comment on column yardstick_bi.metric_snapshots.percentile_95 is '95th percentile of those values.';
comment on column yardstick_bi.metric_snapshots.trend is
'improving, stable or declining, by direction; null: too few values, or no direction.';
comment on column yardstick_bi.metric_snapshots.month_over_month_pct is
'Change against the same window a month before, in percent; null when that is 0 or missing.';
comment on column yardstick_bi.metric_snapshots.quarter_over_quarter_pct is
'Change against the same window a quarter before, in percent; null when that is 0 or missing.';
comment on column yardstick_bi.metric_snapshots.year_over_year_pct is
'Change against the same window a year before, in percent; null when that is 0 or missing.';
comment on column yardstick_bi.metric_snapshots.taken_at is 'When the snapshot was taken.';

grant select on yardstick_bi.metric_snapshots to yardstick_bi;
