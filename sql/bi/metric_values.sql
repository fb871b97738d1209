create or replace view yardstick_bi.metric_values as
with

calculations as (

    select
        organization_id, metric_id, aggregation_level, aggregation_id, time_window, period_start, period_end, metric_value,
        previous_value, change_percentage, target_value, variance_from_target, percentile_rank, sample_size,
        calculation_status, calculation_notes, data_quality_score, confidence_interval, metadata, metric_version,
        calculation_timestamp
    from yardstick.metric_calculations

),

metrics as (

    select metric_id, metric_name, display_name, metric_category, unit_of_measure
    from yardstick_bi.metrics

),

organizations as (

    select id, organization_name, timezone
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
    calculations.organization_id,
    calculations.metric_id,
    metrics.metric_name,
    metrics.display_name,
    metrics.metric_category,
    metrics.unit_of_measure,
    calculations.aggregation_level,
    calculations.aggregation_id,
    case calculations.aggregation_level
        when 'org' then organizations.organization_name
        when 'dept' then departments.department_name
        when 'team' then teams.team_name
        else users.user_name
    end as scope_name,
    calculations.time_window,
    calculations.period_start,
    calculations.period_end,
    (calculations.period_start at time zone organizations.timezone)::date as period_date,
    calculations.metric_value::float8 as metric_value,
    calculations.metric_value as metric_value_exact,
    calculations.previous_value::float8 as previous_value,
    calculations.change_percentage::float8 as change_pct,
    calculations.target_value::float8 as target_value,
    calculations.target_value as target_value_exact,
    calculations.variance_from_target::float8 as variance_from_target,
    calculations.percentile_rank,
    calculations.sample_size,
    calculations.calculation_status,
    calculations.calculation_notes,
    calculations.data_quality_score::float8 as data_quality_score,
    (calculations.metadata ->> 'completeness')::float8 as completeness,
    (calculations.metadata ->> 'validity')::float8 as validity,
    (calculations.metadata ->> 'timeliness')::float8 as timeliness,
    lower(calculations.confidence_interval)::float8 as confidence_low,
    upper(calculations.confidence_interval)::float8 as confidence_high,
    coalesce((calculations.metadata ->> 'is_complete')::boolean, true) as is_complete,
    calculations.metric_version,
    calculations.calculation_timestamp as calculated_at
from calculations
inner join metrics on metrics.metric_id = calculations.metric_id
inner join organizations on organizations.id = calculations.organization_id
left join departments on calculations.aggregation_level = 'dept' and departments.id = calculations.aggregation_id
left join teams on calculations.aggregation_level = 'team' and teams.id = calculations.aggregation_id
left join users on calculations.aggregation_level = 'user' and users.id = calculations.aggregation_id;

comment on view yardstick_bi.metric_values is
'One row per organization, metric, scope, window and period: every value there is. Filter on metric_name, time_window and period_end.';
comment on column yardstick_bi.metric_values.organization_id is 'Organization it belongs to.';
comment on column yardstick_bi.metric_values.metric_id is 'Identifier of the metric; joins to metrics.';
comment on column yardstick_bi.metric_values.metric_name is 'Name of the metric in formulas, functions and queries.';
comment on column yardstick_bi.metric_values.display_name is 'Name of the metric for people.';
comment on column yardstick_bi.metric_values.metric_category is 'Subject of the metric; null: none was given.';
comment on column yardstick_bi.metric_values.unit_of_measure is
'Unit of metric_value, as defined: %, count, days, hours, a currency; null: a bare number.';
comment on column yardstick_bi.metric_values.aggregation_level is 'Level of the scope: org, dept, team or user.';
comment on column yardstick_bi.metric_values.aggregation_id is 'Organization, department, team or user the value is of.';
comment on column yardstick_bi.metric_values.scope_name is 'Name of that organization, department, team or user.';
comment on column yardstick_bi.metric_values.time_window is
'Length of the period: daily, weekly, monthly, quarterly or annual.';
comment on column yardstick_bi.metric_values.period_start is 'First instant of the period: midnight of the organization.';
comment on column yardstick_bi.metric_values.period_end is 'First instant after the period.';
comment on column yardstick_bi.metric_values.period_date is 'First day of the period on the calendar of the organization.';
comment on column yardstick_bi.metric_values.metric_value is
'Value in unit_of_measure, for BI tools; null: there is none, see calculation_status.';
comment on column yardstick_bi.metric_values.metric_value_exact is 'The same value as the exact number that is stored.';
comment on column yardstick_bi.metric_values.previous_value is 'Value of the period before; null: it has none.';
comment on column yardstick_bi.metric_values.change_pct is
'Change against previous_value in percent of its size; null when that is 0 or missing.';
comment on column yardstick_bi.metric_values.target_value is
'Target at that time, in unit_of_measure; null: none, or a range.';
comment on column yardstick_bi.metric_values.target_value_exact is 'The same target as the exact number that is stored.';
comment on column yardstick_bi.metric_values.variance_from_target is
'Value minus target, or signed distance to the nearer bound of the range (0 inside); null: no target or no value.';
comment on column yardstick_bi.metric_values.percentile_rank is
'Percent of its other peers (same metric, level and period) that lie below, 0 to 100; null below two peers.';
comment on column yardstick_bi.metric_values.sample_size is 'Rows of the source the value was calculated from.';
comment on column yardstick_bi.metric_values.calculation_status is 'success, warning or error.';
comment on column yardstick_bi.metric_values.calculation_notes is
'What there is to know about a warning or an error; null: nothing.';
comment on column yardstick_bi.metric_values.data_quality_score is
'completeness x validity x timeliness, 0 to 1; null: no finest period inside has ended, or none has rows.';
comment on column yardstick_bi.metric_values.completeness is
'Share of the finest periods inside that has rows, of those that have ended, 0 to 1; null: none has ended.';
comment on column yardstick_bi.metric_values.validity is
'Share of these with rows that has a value, 0 to 1; null: none has rows.';
comment on column yardstick_bi.metric_values.timeliness is
'How far the rows reach: share of these up to the last that has rows, 0 to 1; null: none has ended.';
comment on column yardstick_bi.metric_values.confidence_low is
'Lower end of the 95 % confidence interval; null: none for this kind of metric.';
comment on column yardstick_bi.metric_values.confidence_high is
'Upper end of the 95 % confidence interval; null: none for this kind of metric.';
comment on column yardstick_bi.metric_values.is_complete is 'False while the period runs: the value will still change.';
comment on column yardstick_bi.metric_values.metric_version is 'Version of the definition it was calculated with.';
comment on column yardstick_bi.metric_values.calculated_at is 'When it was last calculated.';

grant select on yardstick_bi.metric_values to yardstick_bi;
