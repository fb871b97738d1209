-- Looked up scope by scope from the end of the key, like metric_latest. Where the last 13 periods begin is worked out before the look-up,
-- as an instant: compared with one, the end of a period is found by the index under row-level security too, and no row is converted.
create or replace view yardstick_bi.metric_trend as
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

-- Read once: joined as a table, it would be searched for each metric anew.
calendars as materialized (

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
    periods.period_start,
    periods.period_end,
    (periods.period_start at time zone calendars.timezone)::date as period_date,
    periods.period_number::integer as period_number,
    periods.metric_value::float8 as metric_value,
    periods.metric_value as metric_value_exact,
    periods.change_percentage::float8 as change_pct,
    periods.target_value::float8 as target_value,
    periods.sample_size,
    periods.calculation_status
from metrics
cross join lateral unnest(metrics.time_windows) as windows (time_window)
inner join scopes on scopes.aggregation_level = any(metrics.aggregation_levels)
inner join calendars on calendars.organization_id = scopes.organization_id
cross join lateral (
    select
        (
            (now() at time zone zones.timezone) - case windows.time_window
                when 'daily' then interval '13 days'
                when 'weekly' then interval '91 days'
                when 'monthly' then interval '13 months'
                when 'quarterly' then interval '39 months'
                else interval '13 years'
            end
        ) at time zone zones.timezone as after_time
    from (select calendars.timezone) as zones
    -- Kept apart from the condition it is used in: a time zone in it would keep the index from it.
    offset 0
) as reach
cross join lateral (
    select
        c.period_start, c.period_end, c.metric_value, c.change_percentage, c.target_value, c.sample_size, c.calculation_status,
        row_number() over (order by c.period_end desc) as period_number
    from yardstick.metric_calculations as c
    where
        c.organization_id = scopes.organization_id
        and c.metric_id = metrics.metric_id
        and c.aggregation_level = scopes.aggregation_level
        and c.aggregation_id = scopes.aggregation_id
        and c.time_window = windows.time_window
        and c.period_end <= now()
        and c.period_end > reach.after_time
        -- Known before any row is read: older years are not even opened.
        and c.period_end > now() - interval '14 years'
    order by c.period_end desc
    limit 13
) as periods;

comment on view yardstick_bi.metric_trend is
'One row per metric, scope, window and period, for the last 13 finished periods; a period without data has no row.';
comment on column yardstick_bi.metric_trend.organization_id is 'Organization it belongs to.';
comment on column yardstick_bi.metric_trend.metric_id is 'Identifier of the metric; joins to metrics.';
comment on column yardstick_bi.metric_trend.metric_name is 'Name of the metric in formulas, functions and queries.';
comment on column yardstick_bi.metric_trend.display_name is 'Name of the metric for people.';
comment on column yardstick_bi.metric_trend.metric_category is 'Subject of the metric; null: none was given.';
comment on column yardstick_bi.metric_trend.unit_of_measure is
'Unit of metric_value, as defined: %, count, days, hours, a currency; null: a bare number.';
comment on column yardstick_bi.metric_trend.aggregation_level is 'Level of the scope: org, dept, team or user.';
comment on column yardstick_bi.metric_trend.aggregation_id is 'Organization, department, team or user the value is of.';
comment on column yardstick_bi.metric_trend.scope_name is 'Name of that organization, department, team or user.';
comment on column yardstick_bi.metric_trend.time_window is
'Length of the period: daily, weekly, monthly, quarterly or annual.';
comment on column yardstick_bi.metric_trend.period_start is 'First instant of the period: midnight of the organization.';
comment on column yardstick_bi.metric_trend.period_end is 'First instant after the period.';
comment on column yardstick_bi.metric_trend.period_date is 'First day of the period on the calendar of the organization.';
comment on column yardstick_bi.metric_trend.period_number is
'1 is the last finished period that has a row, 2 the one before it.';
comment on column yardstick_bi.metric_trend.metric_value is
'Value in unit_of_measure, for BI tools; null: there is none, see calculation_status.';
comment on column yardstick_bi.metric_trend.metric_value_exact is 'The same value as the exact number that is stored.';
comment on column yardstick_bi.metric_trend.change_pct is
'Change against previous_value in percent of its size; null when that is 0 or missing.';
comment on column yardstick_bi.metric_trend.target_value is
'Target at that time, in unit_of_measure; null: none, or a range.';
comment on column yardstick_bi.metric_trend.sample_size is 'Rows of the source the value was calculated from.';
comment on column yardstick_bi.metric_trend.calculation_status is 'success, warning or error.';

grant select on yardstick_bi.metric_trend to yardstick_bi;
