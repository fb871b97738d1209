-- Looked up scope by scope from the end of the key: the size of the history does not matter. The lower bound keeps old years unread.
create or replace view yardstick_bi.metric_latest as
with

metrics as (

    select metric_id, metric_name, display_name, metric_category, unit_of_measure, aggregation_levels, time_windows
    from yardstick_bi.metrics

),

scopes as (

    select id as organization_id, 'org' as aggregation_level, id as aggregation_id, organization_name as scope_name
    from yardstick.organizations

    union all

    select organization_id, 'dept' as aggregation_level, id as aggregation_id, department_name as scope_name
    from yardstick.departments

    union all

    select organization_id, 'team' as aggregation_level, id as aggregation_id, team_name as scope_name
    from yardstick.teams

    union all

    select organization_id, 'user' as aggregation_level, id as aggregation_id, user_name as scope_name
    from yardstick.users

),

calendars as (

    select id as organization_id, timezone
    from yardstick.organizations

)

select
    scopes.organization_id,
    metrics.metric_id,
    metrics.metric_name,
    metrics.display_name,
    metrics.metric_category,
    metrics.unit_of_measure,
    scopes.aggregation_level,
    scopes.aggregation_id,
    scopes.scope_name,
    windows.time_window,
    latest.period_start,
    latest.period_end,
    (latest.period_start at time zone calendars.timezone)::date as period_date,
    latest.metric_value::float8 as metric_value,
    latest.metric_value as metric_value_exact,
    latest.previous_value::float8 as previous_value,
    latest.change_percentage::float8 as change_pct,
    latest.target_value::float8 as target_value,
    latest.target_value as target_value_exact,
    latest.variance_from_target::float8 as variance_from_target,
    latest.percentile_rank,
    latest.sample_size,
    latest.calculation_status,
    latest.calculation_notes,
    latest.data_quality_score::float8 as data_quality_score,
    (latest.metadata ->> 'completeness')::float8 as completeness,
    (latest.metadata ->> 'validity')::float8 as validity,
    (latest.metadata ->> 'timeliness')::float8 as timeliness,
    lower(latest.confidence_interval)::float8 as confidence_low,
    upper(latest.confidence_interval)::float8 as confidence_high,
    coalesce((latest.metadata ->> 'is_complete')::boolean, true) as is_complete,
    latest.metric_version,
    latest.calculation_timestamp as calculated_at
from metrics
cross join lateral unnest(metrics.time_windows) as windows (time_window)
inner join scopes on scopes.aggregation_level = any(metrics.aggregation_levels)
inner join calendars on calendars.organization_id = scopes.organization_id
cross join lateral (
    select
        c.period_start, c.period_end, c.metric_value, c.previous_value, c.change_percentage, c.target_value,
        c.variance_from_target, c.percentile_rank, c.sample_size, c.calculation_status, c.calculation_notes,
        c.data_quality_score, c.confidence_interval, c.metadata, c.metric_version, c.calculation_timestamp
    from yardstick.metric_calculations as c
    where
        c.organization_id = scopes.organization_id
        and c.metric_id = metrics.metric_id
        and c.aggregation_level = scopes.aggregation_level
        and c.aggregation_id = scopes.aggregation_id
        and c.time_window = windows.time_window
        and c.period_end <= now()
        and c.period_end > now() - interval '2 years'
    order by c.period_end desc
    limit 1
) as latest;

comment on view yardstick_bi.metric_latest is
'One row per metric, scope and window: its last finished period of the past two years.';
comment on column yardstick_bi.metric_latest.organization_id is 'Organization it belongs to.';
comment on column yardstick_bi.metric_latest.metric_id is 'Identifier of the metric; joins to metrics.';
comment on column yardstick_bi.metric_latest.metric_name is 'Name of the metric in formulas, functions and queries.';
comment on column yardstick_bi.metric_latest.display_name is 'Name of the metric for people.';
comment on column yardstick_bi.metric_latest.metric_category is 'Subject of the metric; null: none was given.';
comment on column yardstick_bi.metric_latest.unit_of_measure is
'Unit of metric_value, as defined: %, count, days, hours, a currency; null: a bare number.';
comment on column yardstick_bi.metric_latest.aggregation_level is 'Level of the scope: org, dept, team or user.';
comment on column yardstick_bi.metric_latest.aggregation_id is 'Organization, department, team or user the value is of.';
comment on column yardstick_bi.metric_latest.scope_name is 'Name of that organization, department, team or user.';
comment on column yardstick_bi.metric_latest.time_window is
'Length of the period: daily, weekly, monthly, quarterly or annual.';
comment on column yardstick_bi.metric_latest.period_start is 'First instant of the period: midnight of the organization.';
comment on column yardstick_bi.metric_latest.period_end is 'First instant after the period.';
comment on column yardstick_bi.metric_latest.period_date is 'First day of the period on the calendar of the organization.';
comment on column yardstick_bi.metric_latest.metric_value is
'Value in unit_of_measure, for BI tools; null: there is none, see calculation_status.';
comment on column yardstick_bi.metric_latest.metric_value_exact is 'The same value as the exact number that is stored.';
comment on column yardstick_bi.metric_latest.previous_value is 'Value of the period before; null: it has none.';
comment on column yardstick_bi.metric_latest.change_pct is
'Change against previous_value in percent of its size; null when that is 0 or missing.';
comment on column yardstick_bi.metric_latest.target_value is
'Target at that time, in unit_of_measure; null: none, or a range.';
comment on column yardstick_bi.metric_latest.target_value_exact is 'The same target as the exact number that is stored.';
comment on column yardstick_bi.metric_latest.variance_from_target is
'Value minus target, or signed distance to the nearer bound of the range (0 inside); null: no target or no value.';
comment on column yardstick_bi.metric_latest.percentile_rank is
'Percent of its other peers (same metric, level and period) that lie below, 0 to 100; null below two peers.';
comment on column yardstick_bi.metric_latest.sample_size is 'Rows of the source the value was calculated from.';
comment on column yardstick_bi.metric_latest.calculation_status is 'success, warning or error.';
comment on column yardstick_bi.metric_latest.calculation_notes is
'What there is to know about a warning or an error; null: nothing.';
comment on column yardstick_bi.metric_latest.data_quality_score is
'completeness x validity x timeliness, 0 to 1; null: no finest period inside has ended, or none has rows.';
comment on column yardstick_bi.metric_latest.completeness is
'Share of the finest periods inside that has rows, of those that have ended, 0 to 1; null: none has ended.';
comment on column yardstick_bi.metric_latest.validity is
'Share of these with rows that has a value, 0 to 1; null: none has rows.';
comment on column yardstick_bi.metric_latest.timeliness is
'How far the rows reach: share of these up to the last that has rows, 0 to 1; null: none has ended.';
comment on column yardstick_bi.metric_latest.confidence_low is
'Lower end of the 95 % confidence interval; null: none for this kind of metric.';
comment on column yardstick_bi.metric_latest.confidence_high is
'Upper end of the 95 % confidence interval; null: none for this kind of metric.';
comment on column yardstick_bi.metric_latest.is_complete is 'False while the period runs: the value will still change.';
comment on column yardstick_bi.metric_latest.metric_version is 'Version of the definition it was calculated with.';
comment on column yardstick_bi.metric_latest.calculated_at is 'When it was last calculated.';

grant select on yardstick_bi.metric_latest to yardstick_bi;
