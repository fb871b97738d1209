-- An alert watches a metric; its state lives per scope, so that one team's alert does not mute another's.
-- depends: 0009.create_dashboards
set local role yardstick_owner;

create table yardstick.metric_alerts (
    id                      uuid        not null default yardstick.next_id(),
    organization_id         uuid,
    alert_name              text        not null,
    metric_id               uuid        not null,
    alert_type              text        not null,
    condition_config        jsonb       not null,
    severity                text        not null default 'warning',
    is_active               boolean     not null default true,
    check_frequency_minutes integer     not null default 60,
    cooldown_minutes        integer     not null default 60,
    notification_channels   text[],
    recipient_users         uuid[],
    recipient_roles         uuid[],
    escalation_config       jsonb,
    auto_resolve            boolean     not null default true,
    last_triggered          timestamptz,
    trigger_count           integer     not null default 0,
    created_by              uuid,
    created_at              timestamptz not null default now(),
    updated_by              uuid,
    updated_at              timestamptz not null default now(),

    constraint metric_alerts_pkey primary key (id),
    constraint valid_condition check (jsonb_typeof(condition_config) = 'object'),
    constraint valid_escalation check (jsonb_typeof(escalation_config) = 'object'),
    constraint alerts_have_a_name check (alert_name <> ''),
    constraint alerts_type_is_known check (
        alert_type in ('threshold', 'trend', 'anomaly', 'target_variance', 'data_quality')
    ),
    constraint alerts_severity_is_known check (severity in ('info', 'warning', 'critical')),
    constraint alerts_are_checked_now_and_then check (check_frequency_minutes > 0),
    constraint alerts_cool_down_forward check (cooldown_minutes >= 0),
    constraint alerts_count_triggers check (trigger_count >= 0),
    constraint metric_alerts_organization_id_fkey foreign key (organization_id) references yardstick.organizations (id),
    constraint metric_alerts_metric_id_fkey
    foreign key (metric_id) references yardstick.metric_definitions (id) on delete cascade,
    constraint metric_alerts_created_by_fkey foreign key (created_by) references yardstick.users (id),
    constraint metric_alerts_updated_by_fkey foreign key (updated_by) references yardstick.users (id)
);

create index idx_metric_alerts_active on yardstick.metric_alerts (metric_id, is_active);
create index metric_alerts_organization_id_idx on yardstick.metric_alerts (organization_id);
create index metric_alerts_created_by_idx on yardstick.metric_alerts (created_by);
create index metric_alerts_updated_by_idx on yardstick.metric_alerts (updated_by);

comment on table yardstick.metric_alerts is 'One row per alert on a metric.';
comment on column yardstick.metric_alerts.id is 'Identifier.';
comment on column yardstick.metric_alerts.organization_id is
'Organization it belongs to; null: watches the metric of the platform in every organization.';
comment on column yardstick.metric_alerts.alert_name is 'Name people know it by.';
comment on column yardstick.metric_alerts.metric_id is 'Metric it watches.';
comment on column yardstick.metric_alerts.alert_type is 'threshold, trend, anomaly, target_variance or data_quality.';
comment on column yardstick.metric_alerts.condition_config is 'When it fires: keys depend on alert_type.';
comment on column yardstick.metric_alerts.severity is 'info, warning or critical.';
comment on column yardstick.metric_alerts.is_active is 'False: kept, not checked.';
comment on column yardstick.metric_alerts.check_frequency_minutes is 'Minutes between checks.';
comment on column yardstick.metric_alerts.cooldown_minutes is
'Minutes after a notice in which no further one of the same severity is sent.';
comment on column yardstick.metric_alerts.notification_channels is 'Ways it is told: email, sms, webhook; null: none.';
comment on column yardstick.metric_alerts.recipient_users is 'Users who are told; null: none.';
comment on column yardstick.metric_alerts.recipient_roles is 'Roles whose members are told; null: none.';
comment on column yardstick.metric_alerts.escalation_config is 'Who is told next, and after how long; null: nobody.';
comment on column yardstick.metric_alerts.auto_resolve is 'False: stays open until somebody resolves it.';
comment on column yardstick.metric_alerts.last_triggered is 'When it last fired for any scope; null: never.';
comment on column yardstick.metric_alerts.trigger_count is 'Times it fired for any scope.';
comment on column yardstick.metric_alerts.created_by is 'User who made it; null: a DBA.';
comment on column yardstick.metric_alerts.created_at is 'When it was made.';
comment on column yardstick.metric_alerts.updated_by is 'User who last changed it; null: nobody since, or a DBA.';
comment on column yardstick.metric_alerts.updated_at is 'When it last changed.';

alter table yardstick.metric_alerts enable row level security;
alter table yardstick.metric_alerts force row level security;
create policy tenant on yardstick.metric_alerts for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));
create policy platform on yardstick.metric_alerts for select to yardstick_owner using (organization_id is null);
create policy engine on yardstick.metric_alerts for all to yardstick_engine_role using (true) with check (true);
grant select, insert, update, delete on yardstick.metric_alerts to yardstick_engine_role;

create table yardstick.metric_alert_history (
    id                  uuid        not null default yardstick.next_id(),
    organization_id     uuid        not null,
    alert_id            uuid        not null,
    aggregation_level   text        not null,
    aggregation_id      uuid        not null,
    time_window         text        not null,
    period_start        timestamptz not null,
    period_end          timestamptz not null,
    triggered_at        timestamptz not null default now(),
    metric_value        numeric(15, 4),
    threshold_value     numeric(15, 4),
    condition_details   jsonb,
    severity_at_trigger text        not null,
    notifications_sent  integer     not null default 0,
    acknowledged_by     uuid,
    acknowledged_at     timestamptz,
    resolution_notes    text,
    auto_resolved       boolean     not null default false,
    resolved_at         timestamptz,

    constraint metric_alert_history_pkey primary key (organization_id, id),
    constraint valid_condition_details check (jsonb_typeof(condition_details) = 'object'),
    constraint alert_history_level_is_known check (aggregation_level in ('org', 'dept', 'team', 'user')),
    constraint alert_history_window_is_known check (
        time_window in ('daily', 'weekly', 'monthly', 'quarterly', 'annual')
    ),
    constraint alert_history_severity_is_known check (severity_at_trigger in ('info', 'warning', 'critical')),
    constraint alert_history_period_is_in_order check (period_start <= period_end),
    constraint alert_history_counts_notices check (notifications_sent >= 0),
    constraint alert_history_hold_numbers check (metric_value <> 'NaN' and threshold_value <> 'NaN')
);

create index idx_alert_history_recent on yardstick.metric_alert_history (organization_id, alert_id, triggered_at desc);
create index idx_alert_history_unack
on yardstick.metric_alert_history (organization_id, acknowledged_at)
where acknowledged_at is null;
create unique index alert_history_has_one_open_row
on yardstick.metric_alert_history (organization_id, alert_id, aggregation_level, aggregation_id)
where resolved_at is null;

comment on table yardstick.metric_alert_history is
'One row per time an alert fired for a scope, open until it is resolved.';
comment on column yardstick.metric_alert_history.id is 'Identifier.';
comment on column yardstick.metric_alert_history.organization_id is 'Organization.';
comment on column yardstick.metric_alert_history.alert_id is 'Alert that fired.';
comment on column yardstick.metric_alert_history.aggregation_level is 'Level of the scope: org, dept, team or user.';
comment on column yardstick.metric_alert_history.aggregation_id is
'Organization, department, team or user it fired for.';
comment on column yardstick.metric_alert_history.time_window is 'Window of the value that made it fire.';
comment on column yardstick.metric_alert_history.period_start is 'First instant of the period of that value.';
comment on column yardstick.metric_alert_history.period_end is 'First instant after that period.';
comment on column yardstick.metric_alert_history.triggered_at is 'When it fired.';
comment on column yardstick.metric_alert_history.metric_value is 'Value that made it fire; null: there was none.';
comment on column yardstick.metric_alert_history.threshold_value is
'Bound that was crossed; null: the condition has none.';
comment on column yardstick.metric_alert_history.condition_details is
'What exactly made it fire; null: nothing beyond the bound.';
comment on column yardstick.metric_alert_history.severity_at_trigger is
'Severity when it fired: info, warning or critical.';
comment on column yardstick.metric_alert_history.notifications_sent is 'Notices sent of it so far.';
comment on column yardstick.metric_alert_history.acknowledged_by is 'User who took it on; null: nobody yet.';
comment on column yardstick.metric_alert_history.acknowledged_at is 'When somebody took it on; null: not yet.';
comment on column yardstick.metric_alert_history.resolution_notes is 'What was done; null: nothing written.';
comment on column yardstick.metric_alert_history.auto_resolved is 'True: resolved because the value came back.';
comment on column yardstick.metric_alert_history.resolved_at is 'When it was resolved; null: still open.';

alter table yardstick.metric_alert_history enable row level security;
alter table yardstick.metric_alert_history force row level security;
create policy tenant on yardstick.metric_alert_history for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));
create policy engine on yardstick.metric_alert_history for all to yardstick_engine_role using (true) with check (true);
grant select, insert, update, delete on yardstick.metric_alert_history to yardstick_engine_role;

create table yardstick.metric_alert_states (
    organization_id   uuid        not null,
    alert_id          uuid        not null,
    aggregation_level text        not null,
    aggregation_id    uuid        not null,
    state             text        not null,
    since             timestamptz not null,
    last_period_end   timestamptz,
    last_value        numeric(15, 4),
    open_history_id   uuid,
    updated_at        timestamptz not null default now(),

    constraint metric_alert_states_pkey primary key (organization_id, alert_id, aggregation_level, aggregation_id),
    constraint alert_states_level_is_known check (aggregation_level in ('org', 'dept', 'team', 'user')),
    constraint alert_states_state_is_known check (state in ('normal', 'firing', 'no_data')),
    constraint alert_states_hold_numbers check (last_value <> 'NaN')
);

comment on table yardstick.metric_alert_states is 'One row per alert and scope: what state it is in.';
comment on column yardstick.metric_alert_states.organization_id is 'Organization.';
comment on column yardstick.metric_alert_states.alert_id is 'Alert.';
comment on column yardstick.metric_alert_states.aggregation_level is 'Level of the scope: org, dept, team or user.';
comment on column yardstick.metric_alert_states.aggregation_id is 'Organization, department, team or user.';
comment on column yardstick.metric_alert_states.state is 'normal, firing or no_data.';
comment on column yardstick.metric_alert_states.since is 'When this state began.';
comment on column yardstick.metric_alert_states.last_period_end is
'End of the last period that was judged; null: none yet.';
comment on column yardstick.metric_alert_states.last_value is 'Value of that period; null: it has none.';
comment on column yardstick.metric_alert_states.open_history_id is
'Row of metric_alert_history that is open; null: none is.';
comment on column yardstick.metric_alert_states.updated_at is 'When the row last changed.';

alter table yardstick.metric_alert_states enable row level security;
alter table yardstick.metric_alert_states force row level security;
create policy tenant on yardstick.metric_alert_states for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));
create policy engine on yardstick.metric_alert_states for all to yardstick_engine_role using (true) with check (true);
grant select, insert, update, delete on yardstick.metric_alert_states to yardstick_engine_role;
