-- An organization's own metric hides the platform's of the same name. Every view over values starts from this one, so that it
-- is hidden everywhere.
create or replace view yardstick_bi.metrics as
select
    d.id as metric_id,
    d.metric_name,
    d.display_name,
    d.description,
    d.metric_category,
    d.metric_type,
    d.unit_of_measure,
    d.direction,
    d.calculation_method,
    d.aggregation_levels,
    d.time_windows,
    d.target_value::float8 as target_value,
    d.target_low::float8 as target_low,
    d.target_high::float8 as target_high,
    case when jsonb_typeof(d.threshold_config -> 'at_risk') = 'number'
        then (d.threshold_config ->> 'at_risk')::float8
    end as at_risk_bound,
    case when jsonb_typeof(d.threshold_config -> 'off_track') = 'number'
        then (d.threshold_config ->> 'off_track')::float8
    end as off_track_bound,
    d.refresh_frequency,
    d.retention_days,
    d.tags,
    u.user_name as owner_name,
    d.is_active,
    d.organization_id is null as is_platform_wide,
    d.version as metric_version,
    d.updated_at
from yardstick.metric_definitions as d
left join yardstick.users as u on u.id = d.owner_id
where
    d.deleted_at is null
    and (
        d.organization_id is not null
        or not exists (
            select
            from yardstick.metric_definitions as own
            where
                own.metric_name = d.metric_name
                and own.organization_id = (select yardstick.current_organization())
                and own.deleted_at is null
        )
    );

comment on view yardstick_bi.metrics is
'One row per metric in use: the dictionary of what can be asked for.';
comment on column yardstick_bi.metrics.metric_id is 'Identifier; joins to every view over values.';
comment on column yardstick_bi.metrics.metric_name is 'Name of the metric in formulas, functions and queries.';
comment on column yardstick_bi.metrics.display_name is 'Name of the metric for people.';
comment on column yardstick_bi.metrics.description is 'What it measures and why; null: not described.';
comment on column yardstick_bi.metrics.metric_category is 'Subject of the metric; null: none was given.';
comment on column yardstick_bi.metrics.metric_type is
'Kind of number: count, percentage, average, sum, ratio, duration, trend or score; null: not said.';
comment on column yardstick_bi.metrics.unit_of_measure is
'Unit of its values, as defined: %, count, days, hours, a currency; null: a bare number.';
comment on column yardstick_bi.metrics.direction is
'Which way is better: higher_better, lower_better, target_range; null: neither.';
comment on column yardstick_bi.metrics.calculation_method is
'How values come about: aggregation, sql, function, external or manual.';
comment on column yardstick_bi.metrics.aggregation_levels is 'Levels it is calculated for: org, dept, team, user.';
comment on column yardstick_bi.metrics.time_windows is
'Windows it is calculated for: daily, weekly, monthly, quarterly, annual.';
comment on column yardstick_bi.metrics.target_value is
'Target where metric_targets has none, in unit_of_measure; null: none.';
comment on column yardstick_bi.metrics.target_low is 'Lower bound of the target range; null: unbounded.';
comment on column yardstick_bi.metrics.target_high is 'Upper bound of the target range; null: unbounded.';
comment on column yardstick_bi.metrics.at_risk_bound is 'Bound of the status at_risk on the scorecard; null: none.';
comment on column yardstick_bi.metrics.off_track_bound is 'Bound of the status off_track on the scorecard; null: none.';
comment on column yardstick_bi.metrics.refresh_frequency is
'How often it is brought up to date: real_time, hourly, daily, weekly, monthly, on_demand.';
comment on column yardstick_bi.metrics.retention_days is 'Days its values are kept after their period, at least; null: for good.';
comment on column yardstick_bi.metrics.tags is 'Words it is found by; null: none.';
comment on column yardstick_bi.metrics.owner_name is 'Person who answers for it; null: nobody named.';
comment on column yardstick_bi.metrics.is_active is 'False: no longer calculated.';
comment on column yardstick_bi.metrics.is_platform_wide is 'True: defined by the platform for every organization.';
comment on column yardstick_bi.metrics.metric_version is 'Number of its present version.';
comment on column yardstick_bi.metrics.updated_at is 'When its definition last changed.';

grant select on yardstick_bi.metrics to yardstick_bi;
