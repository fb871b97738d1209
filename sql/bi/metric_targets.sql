create or replace view yardstick_bi.metric_targets as
with

targets as (

    select
        organization_id, metric_id, aggregation_level, aggregation_id, effective_from, target_value, target_low, target_high,
        reason,
        lead(effective_from) over (
            partition by organization_id, metric_id, aggregation_level, aggregation_id
            order by effective_from
        ) as effective_until
    from yardstick.metric_targets

),

metrics as (

    select metric_id, metric_name, display_name, unit_of_measure
    from yardstick_bi.metrics

)

select
    targets.organization_id,
    targets.metric_id,
    metrics.metric_name,
    metrics.display_name,
    metrics.unit_of_measure,
    targets.aggregation_level,
    targets.aggregation_id,
    targets.effective_from,
    targets.effective_until,
    targets.target_value::float8 as target_value,
    targets.target_value as target_value_exact,
    targets.target_low::float8 as target_low,
    targets.target_high::float8 as target_high,
    targets.reason,
    targets.organization_id is null as is_platform_wide
from targets
inner join metrics on metrics.metric_id = targets.metric_id;

comment on view yardstick_bi.metric_targets is
'One row per metric, scope and date from which a target holds.';
comment on column yardstick_bi.metric_targets.organization_id is
'Organization it holds for; null: all, set by the platform.';
comment on column yardstick_bi.metric_targets.metric_id is 'Identifier of the metric; joins to metrics.';
comment on column yardstick_bi.metric_targets.metric_name is 'Name of the metric in formulas, functions and queries.';
comment on column yardstick_bi.metric_targets.display_name is 'Name of the metric for people.';
comment on column yardstick_bi.metric_targets.unit_of_measure is
'Unit of the targets, as defined for the metric; null: a bare number.';
comment on column yardstick_bi.metric_targets.aggregation_level is
'Level of the scope: org, dept, team or user; null: every scope.';
comment on column yardstick_bi.metric_targets.aggregation_id is 'Organization, department, team or user; null: every scope.';
comment on column yardstick_bi.metric_targets.effective_from is 'First day it holds.';
comment on column yardstick_bi.metric_targets.effective_until is 'First day it no longer holds; null: it holds still.';
comment on column yardstick_bi.metric_targets.target_value is
'Target in unit_of_measure; null: a range, or no target any more.';
comment on column yardstick_bi.metric_targets.target_value_exact is 'The same target as the exact number that is stored.';
comment on column yardstick_bi.metric_targets.target_low is 'Lower bound of the target range; null: unbounded.';
comment on column yardstick_bi.metric_targets.target_high is 'Upper bound of the target range; null: unbounded.';
comment on column yardstick_bi.metric_targets.reason is 'Why it was set so; null: not said.';
comment on column yardstick_bi.metric_targets.is_platform_wide is 'True: set by the platform for every organization.';

grant select on yardstick_bi.metric_targets to yardstick_bi;
