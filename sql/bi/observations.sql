create or replace view yardstick_bi.observations as
with

observations as (

    select
        organization_id, id, metric_name, metric_category, metric_subcategory, value, value_text, unit, department_id, team_id,
        user_id, module_name, entity_type, entity_id, period_start, period_end, measurement_date, confidence_level, tags,
        created_at
    from yardstick.analytics_metrics
    where not is_deleted

),

departments as (

    select id, department_name
    from yardstick.departments

)

select
    observations.organization_id,
    observations.id as observation_id,
    observations.metric_name,
    observations.metric_category,
    observations.metric_subcategory,
    observations.measurement_date as measured_at,
    observations.value::float8 as observed_value,
    observations.value as observed_value_exact,
    observations.value_text as observed_text,
    observations.unit,
    observations.department_id,
    departments.department_name,
    observations.team_id,
    observations.user_id,
    observations.module_name,
    observations.entity_type,
    observations.entity_id,
    observations.period_start,
    observations.period_end,
    observations.confidence_level::float8 as confidence_pct,
    observations.tags,
    observations.created_at
from observations
left join departments on departments.id = observations.department_id;

comment on view yardstick_bi.observations is
'One row per observation that an application recorded, before any calculation. Filter on metric_name and measured_at.';
comment on column yardstick_bi.observations.organization_id is 'Organization it belongs to.';
comment on column yardstick_bi.observations.observation_id is 'Identifier of the observation within its organization.';
comment on column yardstick_bi.observations.metric_name is
'What was observed; a metric may be calculated from it under the same or another name.';
comment on column yardstick_bi.observations.metric_category is 'Subject of the observation.';
comment on column yardstick_bi.observations.metric_subcategory is 'Finer subject; null: none.';
comment on column yardstick_bi.observations.measured_at is 'When it was observed.';
comment on column yardstick_bi.observations.observed_value is 'The number, for BI tools; null: it is a text.';
comment on column yardstick_bi.observations.observed_value_exact is 'The same number, exactly as recorded.';
comment on column yardstick_bi.observations.observed_text is 'The text; null: it is a number.';
comment on column yardstick_bi.observations.unit is
'Unit of the number: percentage, count, days, hours, score or currency; null: not said.';
comment on column yardstick_bi.observations.department_id is 'Department it was observed in; null: none.';
comment on column yardstick_bi.observations.department_name is 'Name of that department; null: no department.';
comment on column yardstick_bi.observations.team_id is 'Team it was observed in; null: none.';
comment on column yardstick_bi.observations.user_id is 'Person it was observed of; null: nobody.';
comment on column yardstick_bi.observations.module_name is 'Module of the host application it comes from; null: not said.';
comment on column yardstick_bi.observations.entity_type is 'Kind of thing it was observed on; null: none.';
comment on column yardstick_bi.observations.entity_id is 'Identifier of that thing in the host application; null: none.';
comment on column yardstick_bi.observations.period_start is 'First instant of the period it speaks of; null: of the moment.';
comment on column yardstick_bi.observations.period_end is 'First instant after that period; null: of the moment.';
comment on column yardstick_bi.observations.confidence_pct is 'How sure the number is, 0 to 100; null: not said.';
comment on column yardstick_bi.observations.tags is 'What else was recorded with it; null: nothing.';
comment on column yardstick_bi.observations.created_at is 'When it was recorded.';

grant select on yardstick_bi.observations to yardstick_bi;
