-- Applications record what no table of theirs holds; it is a source of metrics like any other.
-- depends: 0007.create_calculations
set local role yardstick_owner;

create table yardstick.analytics_metrics (
    id                 uuid         not null default yardstick.next_id(),
    organization_id    uuid         not null,
    metric_name        varchar(100) not null,
    metric_category    text         not null,
    metric_subcategory varchar(50),
    value              numeric(15, 4),
    value_text         varchar(500),
    unit               text,
    department_id      uuid,
    team_id            uuid,
    user_id            uuid,
    module_name        text,
    entity_type        varchar(50),
    entity_id          text,
    period_start       timestamptz,
    period_end         timestamptz,
    measurement_date   timestamptz  not null default now(),
    calculation_method varchar(100),
    data_source        varchar(100),
    confidence_level   numeric(5, 2),
    tags               jsonb,
    created_at         timestamptz  not null default now(),
    updated_at         timestamptz  not null default now(),
    created_by         uuid,
    is_deleted         boolean      not null default false,

    constraint analytics_metrics_pkey primary key (organization_id, id, measurement_date),
    constraint observations_category_is_known check (
        metric_category in (
            'compliance', 'risk', 'security', 'operational', 'financial', 'quality', 'performance',
            'training', 'documents', 'organizational'
        )
    ),
    constraint observations_unit_is_known check (unit in ('percentage', 'count', 'days', 'hours', 'score', 'currency')),
    constraint observations_module_is_known check (module_name in ('edms', 'lims', 'tms', 'qrm', 'organization')),
    constraint observations_confidence_is_a_percentage check (confidence_level between 0 and 100),
    constraint observations_period_is_in_order check (period_start <= period_end),
    constraint observations_hold_numbers check (value <> 'NaN' and confidence_level <> 'NaN')
) partition by range (measurement_date);

create index idx_analytics_metrics_category on yardstick.analytics_metrics (organization_id, metric_category);
create index idx_analytics_metrics_date on yardstick.analytics_metrics (organization_id, measurement_date);
create index idx_analytics_metrics_department on yardstick.analytics_metrics (organization_id, department_id);
create index idx_analytics_metrics_entity on yardstick.analytics_metrics (organization_id, entity_type, entity_id);
create index idx_analytics_metrics_period on yardstick.analytics_metrics (organization_id, period_start, period_end);
create index analytics_metrics_name_idx on yardstick.analytics_metrics (organization_id, metric_name, measurement_date);

comment on table yardstick.analytics_metrics is 'One row per recorded observation of a metric.';
comment on column yardstick.analytics_metrics.id is
'Identifier; given by the application to record something only once.';
comment on column yardstick.analytics_metrics.organization_id is 'Organization it was observed in.';
comment on column yardstick.analytics_metrics.metric_name is 'What was observed; measures select by it.';
comment on column yardstick.analytics_metrics.metric_category is 'Subject: one list from both seeds.';
comment on column yardstick.analytics_metrics.metric_subcategory is 'Finer subject; null: none.';
comment on column yardstick.analytics_metrics.value is 'Number observed, in unit; null: see value_text.';
comment on column yardstick.analytics_metrics.value_text is 'Text observed; null: a number was.';
comment on column yardstick.analytics_metrics.unit is
'Unit of value: percentage, count, days, hours, score or currency; null: not said.';
comment on column yardstick.analytics_metrics.department_id is 'Department it was observed in; null: none.';
comment on column yardstick.analytics_metrics.team_id is 'Team it was observed in; null: none.';
comment on column yardstick.analytics_metrics.user_id is 'User it was observed of; null: none.';
comment on column yardstick.analytics_metrics.module_name is
'Module it comes from: edms, lims, tms, qrm or organization; null: not said.';
comment on column yardstick.analytics_metrics.entity_type is
'Kind of thing it was observed on: document, training, quality_event, user; null: none.';
comment on column yardstick.analytics_metrics.entity_id is
'Identifier of that thing in the host application; null: none.';
comment on column yardstick.analytics_metrics.period_start is 'First instant it speaks of; null: it is of a moment.';
comment on column yardstick.analytics_metrics.period_end is
'First instant after what it speaks of; null: it is of a moment.';
comment on column yardstick.analytics_metrics.measurement_date is
'When it was measured; says which period it counts in.';
comment on column yardstick.analytics_metrics.calculation_method is 'How the number came about; null: not said.';
comment on column yardstick.analytics_metrics.data_source is 'Where it comes from; null: not said.';
comment on column yardstick.analytics_metrics.confidence_level is 'Confidence in it, 0 to 100 percent; null: not said.';
comment on column yardstick.analytics_metrics.tags is 'Further facts; null: none.';
comment on column yardstick.analytics_metrics.created_at is 'When it was recorded.';
comment on column yardstick.analytics_metrics.updated_at is 'When it was last corrected.';
comment on column yardstick.analytics_metrics.created_by is 'User who recorded it; null: an application.';
comment on column yardstick.analytics_metrics.is_deleted is 'True: taken back, counts nowhere.';

alter table yardstick.analytics_metrics enable row level security;
alter table yardstick.analytics_metrics force row level security;
create policy tenant on yardstick.analytics_metrics for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));
create policy engine on yardstick.analytics_metrics for all to yardstick_engine_role using (true) with check (true);
grant select, insert, update, delete on yardstick.analytics_metrics to yardstick_engine_role;
