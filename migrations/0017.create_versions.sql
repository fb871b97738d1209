-- A definition is evidence: what it said in each version, who wrote it, and who approved what.
-- depends: 0016.watch_sources
set local role yardstick_owner;

create table yardstick.metric_definition_versions (
    id              uuid        not null default yardstick.next_id(),
    organization_id uuid,
    metric_id       uuid        not null,
    version         integer     not null,
    content         jsonb       not null,
    content_hash    text        not null,
    status          text        not null default 'draft',
    created_by      uuid,
    created_login   text        not null default session_user,
    created_at      timestamptz not null default clock_timestamp(),
    submitted_by    uuid,
    submitted_login text,
    submitted_at    timestamptz,
    submit_note     text,
    decided_by      uuid,
    decided_login   text,
    decided_at      timestamptz,
    decision_note   text,

    constraint metric_definition_versions_pkey primary key (id),
    constraint versions_are_numbered_once unique nulls not distinct (organization_id, metric_id, version),
    constraint versions_count_from_one check (version >= 1),
    constraint versions_hold_an_object check (jsonb_typeof(content) = 'object'),
    constraint versions_are_hashed check (content_hash ~ '^[0-9a-f]{64}$'),
    constraint versions_status_is_known check (
        status in ('draft', 'in_review', 'approved', 'rejected', 'superseded', 'retired')
    ),
    constraint versions_are_submitted_by_someone check ((submitted_at is null) = (submitted_login is null)),
    constraint versions_are_reviewed_when_submitted check (status <> 'in_review' or submitted_at is not null),
    constraint versions_are_decided_by_someone check (
        (decided_at is null) = (decided_login is null)
        and (decided_at is not null or status in ('draft', 'in_review', 'superseded'))
    ),
    constraint versions_are_rejected_with_a_reason check (status <> 'rejected' or decision_note is not null),
    constraint metric_definition_versions_organization_id_fkey
    foreign key (organization_id) references yardstick.organizations (id),
    constraint metric_definition_versions_metric_id_fkey
    foreign key (metric_id) references yardstick.metric_definitions (id),
    constraint metric_definition_versions_created_by_fkey foreign key (created_by) references yardstick.users (id),
    constraint metric_definition_versions_submitted_by_fkey foreign key (submitted_by) references yardstick.users (id),
    constraint metric_definition_versions_decided_by_fkey foreign key (decided_by) references yardstick.users (id)
);

create index metric_definition_versions_metric_id_idx on yardstick.metric_definition_versions (metric_id, version);
create index metric_definition_versions_created_by_idx on yardstick.metric_definition_versions (created_by);
create index metric_definition_versions_submitted_by_idx on yardstick.metric_definition_versions (submitted_by);
create index metric_definition_versions_decided_by_idx on yardstick.metric_definition_versions (decided_by);

comment on table yardstick.metric_definition_versions is
'One row per version of a metric, whole; what it says never changes, only how far it has come.';
comment on column yardstick.metric_definition_versions.id is 'Identifier.';
comment on column yardstick.metric_definition_versions.organization_id is
'Organization of the metric; null: a metric of the platform.';
comment on column yardstick.metric_definition_versions.metric_id is 'Metric it is a version of.';
comment on column yardstick.metric_definition_versions.version is 'Number of the version, counted from 1; calculations name it.';
comment on column yardstick.metric_definition_versions.content is 'The whole definition, by the keys of define_metric.';
comment on column yardstick.metric_definition_versions.content_hash is
'SHA-256 of content as text, in hexadecimal: what an approval is bound to.';
comment on column yardstick.metric_definition_versions.status is
'draft, in_review, approved (it serves), rejected, superseded (a later one took its place) or retired.';
comment on column yardstick.metric_definition_versions.created_by is 'User who wrote it, who cannot approve it; null: a DBA.';
comment on column yardstick.metric_definition_versions.created_login is 'Login it was written with.';
comment on column yardstick.metric_definition_versions.created_at is 'When it was written.';
comment on column yardstick.metric_definition_versions.submitted_by is
'User who submitted it for review; null: not submitted, or a DBA did.';
comment on column yardstick.metric_definition_versions.submitted_login is 'Login it was submitted with; null: not submitted.';
comment on column yardstick.metric_definition_versions.submitted_at is 'When it was submitted; null: not submitted.';
comment on column yardstick.metric_definition_versions.submit_note is 'What the reviewers were told; null: nothing.';
comment on column yardstick.metric_definition_versions.decided_by is
'User who gave the last approval, rejected or retired it; null: undecided, or a DBA did.';
comment on column yardstick.metric_definition_versions.decided_login is 'Login of that decision; null: undecided.';
comment on column yardstick.metric_definition_versions.decided_at is 'When it was decided; null: undecided.';
comment on column yardstick.metric_definition_versions.decision_note is 'Why it was rejected or retired, or a remark; null: none.';

alter table yardstick.metric_definition_versions enable row level security;
alter table yardstick.metric_definition_versions force row level security;
create policy tenant on yardstick.metric_definition_versions for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));
create policy platform on yardstick.metric_definition_versions for select to yardstick_owner using (organization_id is null);
create policy engine on yardstick.metric_definition_versions for all to yardstick_engine_role using (true) with check (true);
grant select, insert, update, delete on yardstick.metric_definition_versions to yardstick_engine_role;

create table yardstick.metric_approvals (
    id              uuid        not null default yardstick.next_id(),
    organization_id uuid,
    metric_id       uuid        not null,
    version         integer     not null,
    gate            text        not null,
    content_hash    text        not null,
    approved_by     uuid,
    approved_login  text        not null default session_user,
    approved_at     timestamptz not null default clock_timestamp(),
    note            text,

    constraint metric_approvals_pkey primary key (id),
    constraint approvals_are_given_once unique nulls not distinct (organization_id, metric_id, version, gate),
    constraint approvals_gate_is_known check (gate in ('owner', 'methodology', 'data_source', 'business_alignment')),
    constraint metric_approvals_organization_id_fkey
    foreign key (organization_id) references yardstick.organizations (id),
    constraint metric_approvals_metric_id_fkey
    foreign key (metric_id) references yardstick.metric_definitions (id),
    constraint metric_approvals_approved_by_fkey foreign key (approved_by) references yardstick.users (id)
);

create index metric_approvals_metric_id_idx on yardstick.metric_approvals (metric_id, version);
create index metric_approvals_approved_by_idx on yardstick.metric_approvals (approved_by);

comment on table yardstick.metric_approvals is 'One row per gate of a version that somebody has given.';
comment on column yardstick.metric_approvals.id is 'Identifier.';
comment on column yardstick.metric_approvals.organization_id is
'Organization of the metric; null: a metric of the platform.';
comment on column yardstick.metric_approvals.metric_id is 'Metric.';
comment on column yardstick.metric_approvals.version is 'Version that was approved.';
comment on column yardstick.metric_approvals.gate is
'What was approved: owner, methodology, data_source or business_alignment.';
comment on column yardstick.metric_approvals.content_hash is 'Hash of the content that was approved.';
comment on column yardstick.metric_approvals.approved_by is 'User who gave it; null: a DBA, for a metric of the platform.';
comment on column yardstick.metric_approvals.approved_login is 'Login it was given with.';
comment on column yardstick.metric_approvals.approved_at is 'When it was given.';
comment on column yardstick.metric_approvals.note is 'Remark; null: none.';

alter table yardstick.metric_approvals enable row level security;
alter table yardstick.metric_approvals force row level security;
create policy tenant on yardstick.metric_approvals for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));
create policy platform on yardstick.metric_approvals for select to yardstick_owner using (organization_id is null);
create policy engine on yardstick.metric_approvals for all to yardstick_engine_role using (true) with check (true);
grant select, insert, update, delete on yardstick.metric_approvals to yardstick_engine_role;

create table yardstick.approval_policies (
    id              uuid        not null default yardstick.next_id(),
    organization_id uuid,
    required_gates  text[]      not null,
    reason          text        not null,
    set_login       text        not null default session_user,
    set_at          timestamptz not null default clock_timestamp(),

    constraint approval_policies_pkey primary key (id),
    constraint policies_are_set_once unique nulls not distinct (organization_id),
    constraint policies_require_known_gates check (
        required_gates <@ array['owner', 'methodology', 'data_source', 'business_alignment']
    ),
    constraint approval_policies_organization_id_fkey
    foreign key (organization_id) references yardstick.organizations (id)
);

comment on table yardstick.approval_policies is
'One row per organization whose metrics need other gates than the platform''s, and one for the platform.';
comment on column yardstick.approval_policies.id is 'Identifier.';
comment on column yardstick.approval_policies.organization_id is
'Organization; null: metrics of the platform, and organizations without a row of their own.';
comment on column yardstick.approval_policies.required_gates is
'Gates a version needs before it serves; empty: it serves at once.';
comment on column yardstick.approval_policies.reason is 'Why it was set so.';
comment on column yardstick.approval_policies.set_login is 'Login of the superuser who set it.';
comment on column yardstick.approval_policies.set_at is 'When it was set.';

alter table yardstick.approval_policies enable row level security;
alter table yardstick.approval_policies force row level security;
create policy tenant on yardstick.approval_policies for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));
create policy platform on yardstick.approval_policies for select to yardstick_owner using (organization_id is null);
create policy engine on yardstick.approval_policies for all to yardstick_engine_role using (true) with check (true);
grant select, insert, update, delete on yardstick.approval_policies to yardstick_engine_role;

-- What serves already goes on serving, and says that nobody approved it.
set local role yardstick_engine_role;
insert into yardstick.metric_definition_versions (
    organization_id, metric_id, version, content, content_hash, status, created_by, created_login, created_at,
    decided_login, decided_at, decision_note
)
select
    d.organization_id, d.id, d.version, c.content, encode(sha256(convert_to(c.content::text, 'UTF8')), 'hex'),
    case when d.deleted_at is null then 'approved' else 'retired' end,
    d.updated_by, session_user, d.updated_at, session_user, clock_timestamp(), 'defined before approvals were kept'
from yardstick.metric_definitions as d
cross join lateral (
    select jsonb_object_agg(k.key, k.value) as content
    from jsonb_each(jsonb_strip_nulls(to_jsonb(d))) as k
    where k.key in (
        'metric_name', 'display_name', 'description', 'metric_category', 'metric_type', 'unit_of_measure', 'calculation_method',
        'calculation_formula', 'data_sources', 'parameters', 'aggregation_levels', 'time_windows', 'target_value', 'target_low',
        'target_high', 'threshold_config', 'direction', 'refresh_frequency', 'retention_days', 'is_active', 'is_public', 'owner_id',
        'tags'
    )
) as c;
