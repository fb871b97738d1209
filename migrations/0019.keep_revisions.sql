-- Keep every superseded value, so that a board pack of last March can be explained.
-- depends: 0018.create_audit
set local role yardstick_owner;

alter table yardstick.metric_dirty add column cause text;
comment on column yardstick.metric_dirty.cause is 'Why, where it is not rows that came or changed: org_move; null otherwise.';

create table yardstick.metric_calculation_revisions (
    organization_id       uuid        not null,
    metric_id             uuid        not null,
    aggregation_id        uuid        not null,
    period_start          timestamptz not null,
    period_end            timestamptz not null,
    superseded_at         timestamptz not null,
    aggregation_level     text        not null,
    time_window           text        not null,
    cause                 text        not null,
    metric_version        integer     not null,
    calculation_timestamp timestamptz not null,
    created_at            timestamptz not null,
    metric_value          numeric(15, 4),
    target_value          numeric(15, 4),
    calculation_status    text        not null,
    calculation_notes     text,
    sample_size           integer,

    constraint metric_calculation_revisions_pkey primary key (
        organization_id, metric_id, aggregation_level, aggregation_id, time_window, period_end, period_start, superseded_at
    ),
    constraint revisions_level_is_known check (aggregation_level in ('org', 'dept', 'team', 'user')),
    constraint revisions_window_is_known check (time_window in ('daily', 'weekly', 'monthly', 'quarterly', 'annual')),
    constraint revisions_name_their_cause check (cause in ('late_data', 'definition', 'correction', 'org_move', 'calendar')),
    constraint revisions_hold_numbers check (metric_value <> 'NaN' and target_value <> 'NaN')
);

comment on table yardstick.metric_calculation_revisions is
'One row per value of a period that had ended and that another value, or none, took the place of.';
comment on column yardstick.metric_calculation_revisions.organization_id is 'Organization.';
comment on column yardstick.metric_calculation_revisions.metric_id is 'Metric.';
comment on column yardstick.metric_calculation_revisions.aggregation_id is
'Organization, department, team or user it was the value of.';
comment on column yardstick.metric_calculation_revisions.period_start is 'First instant of the period.';
comment on column yardstick.metric_calculation_revisions.period_end is 'First instant after the period.';
comment on column yardstick.metric_calculation_revisions.superseded_at is 'When it stopped being the value.';
comment on column yardstick.metric_calculation_revisions.aggregation_level is
'Level of the scope: org, dept, team or user.';
comment on column yardstick.metric_calculation_revisions.time_window is
'Window: daily, weekly, monthly, quarterly or annual.';
comment on column yardstick.metric_calculation_revisions.cause is
'Why: late_data (rows came, changed or went), definition, correction (of a value kept by hand), org_move or calendar.';
comment on column yardstick.metric_calculation_revisions.metric_version is 'Version of the definition that made it.';
comment on column yardstick.metric_calculation_revisions.calculation_timestamp is 'When it was last calculated.';
comment on column yardstick.metric_calculation_revisions.created_at is 'When the period first had a row.';
comment on column yardstick.metric_calculation_revisions.metric_value is
'The value, in the metric''s unit; null: there was none, as its status says.';
comment on column yardstick.metric_calculation_revisions.target_value is 'Target of its time; null: none.';
comment on column yardstick.metric_calculation_revisions.calculation_status is 'success, warning or error.';
comment on column yardstick.metric_calculation_revisions.calculation_notes is 'What there was to say about it; null: nothing.';
comment on column yardstick.metric_calculation_revisions.sample_size is 'Rows behind it; null: not known.';

alter table yardstick.metric_calculation_revisions enable row level security;
alter table yardstick.metric_calculation_revisions force row level security;
create policy tenant on yardstick.metric_calculation_revisions for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));
create policy engine on yardstick.metric_calculation_revisions for all to yardstick_engine_role using (true) with check (true);
grant select, insert, update, delete on yardstick.metric_calculation_revisions to yardstick_engine_role;
