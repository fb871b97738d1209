create or replace view yardstick_bi.scorecard as
with

latest as (

    select
        organization_id, metric_id, aggregation_level, aggregation_id, scope_name, time_window, period_start, period_end,
        period_date, metric_value, metric_value_exact, previous_value, change_pct, target_value, variance_from_target,
        sample_size, calculation_status, calculation_notes, calculated_at
    from yardstick_bi.metric_latest

),

metrics as (

    select
        metric_id, metric_name, display_name, metric_category, unit_of_measure, direction, at_risk_bound, off_track_bound
    from yardstick_bi.metrics

),

judged as (

    -- How far on the wrong side: of the target, and of each bound. A bound of a target range is a distance from the range.
    select
        latest.organization_id,
        latest.metric_id,
        latest.aggregation_level,
        latest.aggregation_id,
        latest.scope_name,
        latest.time_window,
        latest.period_start,
        latest.period_end,
        latest.period_date,
        latest.metric_value,
        latest.metric_value_exact,
        latest.previous_value,
        latest.change_pct,
        latest.target_value,
        latest.variance_from_target,
        latest.sample_size,
        latest.calculation_status,
        latest.calculation_notes,
        latest.calculated_at,
        metrics.metric_name,
        metrics.display_name,
        metrics.metric_category,
        metrics.unit_of_measure,
        metrics.direction,
        case metrics.direction
            when 'higher_better' then -latest.variance_from_target
            when 'lower_better' then latest.variance_from_target
            when 'target_range' then abs(latest.variance_from_target)
        end as missed_by,
        case metrics.direction
            when 'higher_better' then metrics.at_risk_bound - latest.metric_value
            when 'lower_better' then latest.metric_value - metrics.at_risk_bound
            when 'target_range' then abs(latest.variance_from_target) - metrics.at_risk_bound
        end as past_at_risk,
        case metrics.direction
            when 'higher_better' then metrics.off_track_bound - latest.metric_value
            when 'lower_better' then latest.metric_value - metrics.off_track_bound
            when 'target_range' then abs(latest.variance_from_target) - metrics.off_track_bound
        end as past_off_track
    from latest
    inner join metrics on metrics.metric_id = latest.metric_id

)

select
    judged.organization_id,
    judged.metric_id,
    judged.metric_name,
    judged.display_name,
    judged.metric_category,
    judged.unit_of_measure,
    judged.direction,
    judged.aggregation_level,
    judged.aggregation_id,
    judged.scope_name,
    judged.time_window,
    judged.period_start,
    judged.period_end,
    judged.period_date,
    judged.metric_value,
    judged.metric_value_exact,
    judged.target_value,
    judged.variance_from_target,
    judged.previous_value,
    judged.change_pct,
    case
        when judged.past_off_track > 0 then 'off_track'
        when judged.past_at_risk > 0 then 'at_risk'
        when judged.past_at_risk <= 0 then 'on_track'
        when judged.missed_by > 0 and judged.past_off_track is null then 'off_track'
        when judged.missed_by > 0 then 'at_risk'
        when judged.missed_by <= 0 or judged.past_off_track <= 0 then 'on_track'
    end as status,
    case
        when judged.change_pct is null or judged.direction is null or judged.direction = 'target_range' then null
        when judged.change_pct = 0 then 'unchanged'
        when (judged.change_pct > 0) = (judged.direction = 'higher_better') then 'better'
        else 'worse'
    end as movement,
    judged.sample_size,
    judged.calculation_status,
    judged.calculation_notes,
    judged.calculated_at
from judged;

comment on view yardstick_bi.scorecard is
'One row per metric, scope and window: the last finished period against its target.';
comment on column yardstick_bi.scorecard.organization_id is 'Organization it belongs to.';
comment on column yardstick_bi.scorecard.metric_id is 'Identifier of the metric; joins to metrics.';
comment on column yardstick_bi.scorecard.metric_name is 'Name of the metric in formulas, functions and queries.';
comment on column yardstick_bi.scorecard.display_name is 'Name of the metric for people.';
comment on column yardstick_bi.scorecard.metric_category is 'Subject of the metric; null: none was given.';
comment on column yardstick_bi.scorecard.unit_of_measure is
'Unit of metric_value, as defined: %, count, days, hours, a currency; null: a bare number.';
comment on column yardstick_bi.scorecard.direction is
'Which way is better: higher_better, lower_better, target_range; null: neither.';
comment on column yardstick_bi.scorecard.aggregation_level is 'Level of the scope: org, dept, team or user.';
comment on column yardstick_bi.scorecard.aggregation_id is 'Organization, department, team or user the value is of.';
comment on column yardstick_bi.scorecard.scope_name is 'Name of that organization, department, team or user.';
comment on column yardstick_bi.scorecard.time_window is 'Length of the period: daily, weekly, monthly, quarterly or annual.';
comment on column yardstick_bi.scorecard.period_start is 'First instant of the period: midnight of the organization.';
comment on column yardstick_bi.scorecard.period_end is 'First instant after the period.';
comment on column yardstick_bi.scorecard.period_date is 'First day of the period on the calendar of the organization.';
comment on column yardstick_bi.scorecard.metric_value is
'Value in unit_of_measure, for BI tools; null: there is none, see calculation_status.';
comment on column yardstick_bi.scorecard.metric_value_exact is 'The same value as the exact number that is stored.';
comment on column yardstick_bi.scorecard.target_value is 'Target at that time, in unit_of_measure; null: none, or a range.';
comment on column yardstick_bi.scorecard.variance_from_target is
'Value minus target, or signed distance to the nearer bound of the range (0 inside); null: no target or no value.';
comment on column yardstick_bi.scorecard.previous_value is 'Value of the period before; null: it has none.';
comment on column yardstick_bi.scorecard.change_pct is
'Change against previous_value in percent of its size; null when that is 0 or missing.';
comment on column yardstick_bi.scorecard.status is
'on_track, at_risk or off_track, by the bounds of the definition, else by the target alone; null: no value, or nothing to hold it against.';
comment on column yardstick_bi.scorecard.movement is
'better, unchanged or worse than the period before, by direction; null: no change to speak of, or no such direction.';
comment on column yardstick_bi.scorecard.sample_size is 'Rows of the source the value was calculated from.';
comment on column yardstick_bi.scorecard.calculation_status is 'success, warning or error.';
comment on column yardstick_bi.scorecard.calculation_notes is
'What there is to know about a warning or an error; null: nothing.';
comment on column yardstick_bi.scorecard.calculated_at is 'When it was last calculated.';

grant select on yardstick_bi.scorecard to yardstick_bi;
