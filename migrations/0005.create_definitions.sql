-- A metric is defined once, in one row, with its relationships and its targets beside it.
-- depends: 0004.create_sources
set local role yardstick_owner;

create table yardstick.metric_definitions (
    id                  uuid        not null default yardstick.next_id(),
    organization_id     uuid,
    metric_name         text        not null,
    display_name        text        not null,
    description         text,
    metric_category     text,
    metric_type         text,
    unit_of_measure     text,
    calculation_method  text        not null,
    calculation_formula text,
    data_sources        jsonb       not null,
    parameters          jsonb,
    aggregation_levels  text[]      not null default '{org}',
    time_windows        text[]      not null default '{monthly}',
    target_value        numeric(15, 4),
    target_low          numeric(15, 4),
    target_high         numeric(15, 4),
    threshold_config    jsonb,
    direction           text,
    refresh_frequency   text        not null default 'daily',
    retention_days      integer     not null default 730,
    is_active           boolean     not null default true,
    is_public           boolean     not null default false,
    owner_id            uuid,
    tags                text[],
    source_id           uuid,
    compiled            jsonb       not null default '{}',
    approval_status     text        not null default 'approved',
    last_error_code     text,
    last_error          text,
    version             integer     not null default 1,
    created_by          uuid,
    created_at          timestamptz not null default now(),
    updated_by          uuid,
    updated_at          timestamptz not null default now(),
    deleted_at          timestamptz,
    deleted_by          uuid,

    constraint metric_definitions_pkey primary key (id),
    constraint definitions_are_named_once unique nulls not distinct (metric_name, organization_id),
    constraint valid_data_sources check (jsonb_typeof(data_sources) = 'object'),
    constraint valid_parameters check (jsonb_typeof(parameters) = 'object'),
    constraint valid_thresholds check (jsonb_typeof(threshold_config) = 'object'),
    constraint definitions_compile_to_an_object check (jsonb_typeof(compiled) = 'object'),
    constraint definitions_have_names check (metric_name <> '' and display_name <> ''),
    constraint definitions_category_is_known check (
        metric_category in (
            'compliance', 'risk', 'security', 'operational', 'financial', 'quality', 'performance',
            'training', 'documents', 'organizational'
        )
    ),
    constraint definitions_type_is_known check (
        metric_type in ('count', 'percentage', 'average', 'sum', 'ratio', 'duration', 'trend', 'score')
    ),
    constraint definitions_method_is_known check (
        calculation_method in ('sql', 'function', 'aggregation', 'external', 'manual')
    ),
    constraint definitions_levels_are_known check (aggregation_levels <@ array['org', 'dept', 'team', 'user']),
    constraint definitions_windows_are_known check (
        time_windows <@ array['daily', 'weekly', 'monthly', 'quarterly', 'annual']
    ),
    constraint definitions_direction_is_known check (direction in ('higher_better', 'lower_better', 'target_range')),
    constraint definitions_frequency_is_known check (
        refresh_frequency in ('real_time', 'hourly', 'daily', 'weekly', 'monthly', 'on_demand')
    ),
    constraint definitions_approval_is_known check (approval_status in ('draft', 'in_review', 'approved', 'retired')),
    constraint definitions_target_range_has_an_inside check (target_low <= target_high),
    constraint definitions_are_kept_a_while check (retention_days > 0),
    constraint definitions_count_versions_from_one check (version >= 1),
    constraint definitions_hold_numbers check (target_value <> 'NaN' and target_low <> 'NaN' and target_high <> 'NaN'),
    constraint metric_definitions_organization_id_fkey
    foreign key (organization_id) references yardstick.organizations (id),
    constraint metric_definitions_owner_id_fkey foreign key (owner_id) references yardstick.users (id),
    constraint metric_definitions_source_id_fkey foreign key (source_id) references yardstick.metric_sources (id),
    constraint metric_definitions_created_by_fkey foreign key (created_by) references yardstick.users (id),
    constraint metric_definitions_updated_by_fkey foreign key (updated_by) references yardstick.users (id),
    constraint metric_definitions_deleted_by_fkey foreign key (deleted_by) references yardstick.users (id)
);

create index idx_metric_definitions_active
on yardstick.metric_definitions (organization_id, is_active, metric_category);
create index idx_metric_definitions_category
on yardstick.metric_definitions (metric_category, is_active)
where deleted_at is null;
create index metric_definitions_owner_id_idx on yardstick.metric_definitions (owner_id);
create index metric_definitions_source_id_idx on yardstick.metric_definitions (source_id);
create index metric_definitions_created_by_idx on yardstick.metric_definitions (created_by);
create index metric_definitions_updated_by_idx on yardstick.metric_definitions (updated_by);
create index metric_definitions_deleted_by_idx on yardstick.metric_definitions (deleted_by);

comment on table yardstick.metric_definitions is 'One row per metric, in its current version.';
comment on column yardstick.metric_definitions.id is 'Identifier.';
comment on column yardstick.metric_definitions.organization_id is
'Organization it belongs to; null: a metric of the platform, calculated for every organization.';
comment on column yardstick.metric_definitions.metric_name is 'Name that formulas, functions and views use.';
comment on column yardstick.metric_definitions.display_name is 'Name people read.';
comment on column yardstick.metric_definitions.description is 'What it measures and why; null: not described.';
comment on column yardstick.metric_definitions.metric_category is 'Subject: one list from both seeds; null: none.';
comment on column yardstick.metric_definitions.metric_type is
'Kind of number: count, percentage, average, sum, ratio, duration, trend or score; null: not said.';
comment on column yardstick.metric_definitions.unit_of_measure is
'Unit of its values: %, count, days, hours, a currency; null: a bare number.';
comment on column yardstick.metric_definitions.calculation_method is
'How values come about: aggregation, sql, function, external or manual.';
comment on column yardstick.metric_definitions.calculation_formula is
'Formula over the measures, as it was written; null: the only measure is the value.';
comment on column yardstick.metric_definitions.data_sources is 'Source, filter and measures, as they were written.';
comment on column yardstick.metric_definitions.parameters is 'Parameters of the calculation; null: none.';
comment on column yardstick.metric_definitions.aggregation_levels is
'Levels it is calculated for: org, dept, team, user.';
comment on column yardstick.metric_definitions.time_windows is
'Windows it is calculated for: daily, weekly, monthly, quarterly, annual.';
comment on column yardstick.metric_definitions.target_value is
'Target where metric_targets names none, in its unit; null: no target.';
comment on column yardstick.metric_definitions.target_low is
'Lower bound of the target range, in its unit; null: unbounded.';
comment on column yardstick.metric_definitions.target_high is
'Upper bound of the target range, in its unit; null: unbounded.';
comment on column yardstick.metric_definitions.threshold_config is
'Bounds of the scorecard status: at_risk, off_track; null: met or missed target alone.';
comment on column yardstick.metric_definitions.direction is
'Which way is better: higher_better, lower_better, target_range; null: neither.';
comment on column yardstick.metric_definitions.refresh_frequency is
'How often it is brought up to date: real_time, hourly, daily, weekly, monthly, on_demand.';
comment on column yardstick.metric_definitions.retention_days is 'Days its values are kept after their period.';
comment on column yardstick.metric_definitions.is_active is 'False: kept, no longer calculated.';
comment on column yardstick.metric_definitions.is_public is 'True: every user of the organization sees it.';
comment on column yardstick.metric_definitions.owner_id is 'User who answers for it; null: nobody named.';
comment on column yardstick.metric_definitions.tags is 'Words it is found by; null: none.';
comment on column yardstick.metric_definitions.source_id is 'Source its measures read; null: values come from outside.';
comment on column yardstick.metric_definitions.compiled is
'What the engine runs: formula as SQL, and each measure''s id and aggregate.';
comment on column yardstick.metric_definitions.approval_status is 'Life cycle: draft, in_review, approved or retired.';
comment on column yardstick.metric_definitions.last_error_code is
'SQLSTATE of its last failed calculation; null: the last one went well.';
comment on column yardstick.metric_definitions.last_error is
'Message of its last failed calculation; null: the last one went well.';
comment on column yardstick.metric_definitions.version is 'Number of this version, counted from 1.';
comment on column yardstick.metric_definitions.created_by is 'User who defined it; null: a DBA.';
comment on column yardstick.metric_definitions.created_at is 'When it was defined.';
comment on column yardstick.metric_definitions.updated_by is 'User who last changed it; null: nobody since, or a DBA.';
comment on column yardstick.metric_definitions.updated_at is 'When it last changed.';
comment on column yardstick.metric_definitions.deleted_at is 'When it was retired; null: in use.';
comment on column yardstick.metric_definitions.deleted_by is 'User who retired it; null: in use, or a DBA did.';

alter table yardstick.metric_definitions enable row level security;
alter table yardstick.metric_definitions force row level security;
create policy tenant on yardstick.metric_definitions for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));
create policy platform on yardstick.metric_definitions for select to yardstick_owner using (organization_id is null);
create policy engine on yardstick.metric_definitions for all to yardstick_engine_role using (true) with check (true);
grant select, insert, update, delete on yardstick.metric_definitions to yardstick_engine_role;

create table yardstick.metric_relationships (
    id                uuid          not null default yardstick.next_id(),
    organization_id   uuid,
    parent_metric_id  uuid          not null,
    child_metric_id   uuid          not null,
    relationship_type text          not null,
    weight            numeric(5, 4) not null default 1.0,
    lag_periods       integer       not null default 0,
    created_at        timestamptz   not null default now(),
    updated_at        timestamptz   not null default now(),

    constraint metric_relationships_pkey primary key (id),
    constraint relationships_are_known_once unique nulls not distinct (
        parent_metric_id, child_metric_id, organization_id
    ),
    constraint no_self_relationship check (parent_metric_id <> child_metric_id),
    constraint relationships_type_is_known check (
        relationship_type in ('derives_from', 'contributes_to', 'correlates_with', 'depends_on')
    ),
    constraint relationships_do_not_look_ahead check (lag_periods >= 0),
    constraint relationships_hold_numbers check (weight <> 'NaN'),
    constraint metric_relationships_organization_id_fkey
    foreign key (organization_id) references yardstick.organizations (id),
    constraint metric_relationships_parent_metric_id_fkey
    foreign key (parent_metric_id) references yardstick.metric_definitions (id) on delete cascade,
    constraint metric_relationships_child_metric_id_fkey
    foreign key (child_metric_id) references yardstick.metric_definitions (id) on delete cascade
);

create index metric_relationships_organization_id_idx on yardstick.metric_relationships (organization_id);
create index metric_relationships_child_metric_id_idx on yardstick.metric_relationships (child_metric_id);

comment on table yardstick.metric_relationships is
'One row per pair of metrics where one depends on, or moves with, the other.';
comment on column yardstick.metric_relationships.id is 'Identifier.';
comment on column yardstick.metric_relationships.organization_id is
'Organization it belongs to; null: between metrics of the platform.';
comment on column yardstick.metric_relationships.parent_metric_id is
'Metric that the other one makes up, feeds or follows.';
comment on column yardstick.metric_relationships.child_metric_id is
'Metric that is part of, feeds or precedes the parent.';
comment on column yardstick.metric_relationships.relationship_type is
'derives_from, contributes_to, correlates_with or depends_on.';
comment on column yardstick.metric_relationships.weight is
'Share of the child in the parent, relative to its siblings.';
comment on column yardstick.metric_relationships.lag_periods is 'Periods the parent follows the child by.';
comment on column yardstick.metric_relationships.created_at is 'When the row was made.';
comment on column yardstick.metric_relationships.updated_at is 'When the row last changed.';

alter table yardstick.metric_relationships enable row level security;
alter table yardstick.metric_relationships force row level security;
create policy tenant on yardstick.metric_relationships for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));
create policy platform on yardstick.metric_relationships for select to yardstick_owner using (organization_id is null);
create policy engine on yardstick.metric_relationships for all to yardstick_engine_role using (true) with check (true);
grant select, insert, update, delete on yardstick.metric_relationships to yardstick_engine_role;

create table yardstick.metric_targets (
    id                uuid        not null default yardstick.next_id(),
    organization_id   uuid,
    metric_id         uuid        not null,
    aggregation_level text,
    aggregation_id    uuid,
    effective_from    date        not null,
    target_value      numeric(15, 4),
    target_low        numeric(15, 4),
    target_high       numeric(15, 4),
    reason            text,
    created_by        uuid,
    created_at        timestamptz not null default now(),

    constraint metric_targets_pkey primary key (id),
    constraint targets_begin_once_per_scope unique nulls not distinct (
        organization_id, metric_id, aggregation_level, aggregation_id, effective_from
    ),
    constraint targets_level_is_known check (aggregation_level in ('org', 'dept', 'team', 'user')),
    constraint targets_name_a_whole_scope check ((aggregation_level is null) = (aggregation_id is null)),
    constraint targets_range_has_an_inside check (target_low <= target_high),
    constraint targets_hold_numbers check (target_value <> 'NaN' and target_low <> 'NaN' and target_high <> 'NaN'),
    constraint metric_targets_organization_id_fkey
    foreign key (organization_id) references yardstick.organizations (id),
    constraint metric_targets_metric_id_fkey
    foreign key (metric_id) references yardstick.metric_definitions (id) on delete cascade,
    constraint metric_targets_created_by_fkey foreign key (created_by) references yardstick.users (id)
);

create index metric_targets_organization_id_idx on yardstick.metric_targets (organization_id);
create index metric_targets_metric_id_idx on yardstick.metric_targets (metric_id);
create index metric_targets_created_by_idx on yardstick.metric_targets (created_by);

comment on table yardstick.metric_targets is 'One row per target of a metric, for a scope and from a date on.';
comment on column yardstick.metric_targets.id is 'Identifier.';
comment on column yardstick.metric_targets.organization_id is
'Organization it applies to; null: every organization, for a metric of the platform.';
comment on column yardstick.metric_targets.metric_id is 'Metric it is a target of.';
comment on column yardstick.metric_targets.aggregation_level is
'Level of the scope: org, dept, team or user; null: every scope.';
comment on column yardstick.metric_targets.aggregation_id is
'Organization, department, team or user it applies to; null: every scope.';
comment on column yardstick.metric_targets.effective_from is
'First day it applies, until the next target of the same scope begins.';
comment on column yardstick.metric_targets.target_value is
'Target in the metric''s unit; null: a range, or no target any more.';
comment on column yardstick.metric_targets.target_low is 'Lower bound of the target range; null: unbounded.';
comment on column yardstick.metric_targets.target_high is 'Upper bound of the target range; null: unbounded.';
comment on column yardstick.metric_targets.reason is 'Why it was set so; null: not said.';
comment on column yardstick.metric_targets.created_by is 'User who set it; null: a DBA.';
comment on column yardstick.metric_targets.created_at is 'When it was set.';

alter table yardstick.metric_targets enable row level security;
alter table yardstick.metric_targets force row level security;
create policy tenant on yardstick.metric_targets for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));
create policy platform on yardstick.metric_targets for select to yardstick_owner using (organization_id is null);
create policy engine on yardstick.metric_targets for all to yardstick_engine_role using (true) with check (true);
grant select, insert, update, delete on yardstick.metric_targets to yardstick_engine_role;
