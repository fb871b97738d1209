create or replace view yardstick_bi.metric_restatements as
with

revisions as (

    select
        organization_id, metric_id, aggregation_level, aggregation_id, time_window, period_start, period_end, superseded_at, cause,
        metric_version, metric_value, calculation_status,
        lead(metric_value) over next_one as next_value,
        lead(metric_version) over next_one as next_version,
        lead(superseded_at) over next_one as next_superseded_at
    from yardstick.metric_calculation_revisions
    window next_one as (
        partition by organization_id, metric_id, aggregation_level, aggregation_id, time_window, period_end, period_start
        order by superseded_at
    )

),

calculations as (

    select
        organization_id, metric_id, aggregation_level, aggregation_id, time_window, period_start, period_end, metric_value,
        metric_version
    from yardstick.metric_calculations

),

organizations as (

    select organization_id, timezone
    from yardstick_bi.organizations

),

metrics as (

    select metric_id, metric_name, display_name, unit_of_measure
    from yardstick_bi.metrics

)

select
    revisions.organization_id,
    revisions.metric_id,
    metrics.metric_name,
    metrics.display_name,
    metrics.unit_of_measure,
    revisions.aggregation_level,
    revisions.aggregation_id,
    revisions.time_window,
    revisions.period_start,
    revisions.period_end,
    (revisions.period_start at time zone organizations.timezone)::date as period_date,
    revisions.superseded_at as restated_at,
    revisions.cause,
    revisions.metric_value::float8 as former_value,
    revisions.metric_value as former_value_exact,
    revisions.metric_version as former_version,
    case when revisions.next_superseded_at is null then calculations.metric_value else revisions.next_value end::float8 as new_value,
    case when revisions.next_superseded_at is null then calculations.metric_value else revisions.next_value end as new_value_exact,
    case when revisions.next_superseded_at is null then calculations.metric_version else revisions.next_version end as new_version,
    (
        case when revisions.next_superseded_at is null then calculations.metric_value else revisions.next_value end
        - revisions.metric_value
    )::float8 as difference
from revisions
inner join metrics on metrics.metric_id = revisions.metric_id
inner join organizations on organizations.organization_id = revisions.organization_id
left join calculations
    on calculations.organization_id = revisions.organization_id and calculations.metric_id = revisions.metric_id
    and calculations.aggregation_level = revisions.aggregation_level and calculations.aggregation_id = revisions.aggregation_id
    and calculations.time_window = revisions.time_window and calculations.period_end = revisions.period_end
    and calculations.period_start = revisions.period_start;

comment on view yardstick_bi.metric_restatements is
'One row per value of a period that had ended and that was replaced by another value, or by none.';
comment on column yardstick_bi.metric_restatements.organization_id is 'Organization.';
comment on column yardstick_bi.metric_restatements.metric_id is 'Identifier of the metric; joins to metrics.';
comment on column yardstick_bi.metric_restatements.metric_name is 'Name of the metric in formulas, functions and queries.';
comment on column yardstick_bi.metric_restatements.display_name is 'Name of the metric for people.';
comment on column yardstick_bi.metric_restatements.unit_of_measure is 'Unit of the values, as defined; null: a bare number.';
comment on column yardstick_bi.metric_restatements.aggregation_level is 'Level of the scope: org, dept, team or user.';
comment on column yardstick_bi.metric_restatements.aggregation_id is 'Organization, department, team or user.';
comment on column yardstick_bi.metric_restatements.time_window is 'Window: daily, weekly, monthly, quarterly or annual.';
comment on column yardstick_bi.metric_restatements.period_start is 'First instant of the period.';
comment on column yardstick_bi.metric_restatements.period_end is 'First instant after the period.';
comment on column yardstick_bi.metric_restatements.period_date is 'First day of the period on the calendar of the organization.';
comment on column yardstick_bi.metric_restatements.restated_at is 'When the value was replaced.';
comment on column yardstick_bi.metric_restatements.cause is
'Why: late_data (rows came, changed or went), definition, correction (of a value kept by hand), org_move or calendar.';
comment on column yardstick_bi.metric_restatements.former_value is 'The value before, in unit_of_measure; null: there was none.';
comment on column yardstick_bi.metric_restatements.former_value_exact is 'The same value as the exact number that is stored.';
comment on column yardstick_bi.metric_restatements.former_version is 'Version of the definition that made it.';
comment on column yardstick_bi.metric_restatements.new_value is 'The value after, in unit_of_measure; null: there is none.';
comment on column yardstick_bi.metric_restatements.new_value_exact is 'The same value as the exact number that is stored.';
comment on column yardstick_bi.metric_restatements.new_version is
'Version of the definition that made it; null: the period is none any more.';
comment on column yardstick_bi.metric_restatements.difference is 'The value after less the value before; null when one of them is missing.';

grant select on yardstick_bi.metric_restatements to yardstick_bi;
