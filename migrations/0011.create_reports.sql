-- Reports are templates, their schedules, and every document made of them; the cache serves dashboards as well.
-- depends: 0010.create_alerts
set local role yardstick_owner;

create table yardstick.report_templates (
    id                  uuid         not null default yardstick.next_id(),
    organization_id     uuid,
    name                varchar(255) not null,
    description         text,
    report_type         text         not null,
    category            text,
    config              jsonb        not null,
    data_sources        jsonb,
    parameters          jsonb,
    layout              jsonb,
    visibility          text         not null default 'private',
    allowed_roles       jsonb,
    allowed_departments jsonb,
    version             integer      not null default 1,
    parent_template_id  uuid,
    is_active           boolean      not null default true,
    is_system_template  boolean      not null default false,
    usage_count         integer      not null default 0,
    created_by          uuid,
    updated_by          uuid,
    created_at          timestamptz  not null default now(),
    updated_at          timestamptz  not null default now(),
    is_deleted          boolean      not null default false,

    constraint report_templates_pkey primary key (id),
    constraint report_templates_are_named_once_per_author unique nulls not distinct (name, created_by, organization_id),
    constraint report_templates_have_a_name check (name <> ''),
    constraint report_templates_type_is_known check (
        report_type in ('dashboard', 'compliance', 'operational', 'custom', 'executive')
    ),
    constraint report_templates_category_is_known check (
        category in ('quality', 'training', 'documents', 'organization', 'cross_module')
    ),
    constraint report_templates_visibility_is_known check (visibility in ('public', 'private', 'department', 'role')),
    constraint report_templates_access_lists_are_arrays check (
        jsonb_typeof(allowed_roles) = 'array' and jsonb_typeof(allowed_departments) = 'array'
    ),
    constraint report_templates_are_not_their_own_parent check (parent_template_id <> id),
    constraint report_templates_count_versions_from_one check (version >= 1),
    constraint report_templates_count_uses check (usage_count >= 0),
    constraint report_templates_organization_id_fkey
    foreign key (organization_id) references yardstick.organizations (id),
    constraint report_templates_parent_template_id_fkey
    foreign key (parent_template_id) references yardstick.report_templates (id),
    constraint report_templates_created_by_fkey foreign key (created_by) references yardstick.users (id),
    constraint report_templates_updated_by_fkey foreign key (updated_by) references yardstick.users (id)
);

create index idx_report_templates_type on yardstick.report_templates (report_type);
create index idx_report_templates_category on yardstick.report_templates (category);
create index idx_report_templates_active on yardstick.report_templates (is_active);
create index report_templates_organization_id_idx on yardstick.report_templates (organization_id);
create index report_templates_parent_template_id_idx on yardstick.report_templates (parent_template_id);
create index report_templates_created_by_idx on yardstick.report_templates (created_by);
create index report_templates_updated_by_idx on yardstick.report_templates (updated_by);

comment on table yardstick.report_templates is 'One row per report that can be made.';
comment on column yardstick.report_templates.id is 'Identifier.';
comment on column yardstick.report_templates.organization_id is
'Organization it belongs to; null: a template of the platform.';
comment on column yardstick.report_templates.name is 'Name people know it by.';
comment on column yardstick.report_templates.description is 'What it is for; null: not described.';
comment on column yardstick.report_templates.report_type is 'dashboard, compliance, operational, custom or executive.';
comment on column yardstick.report_templates.category is
'Subject: quality, training, documents, organization or cross_module; null: none.';
comment on column yardstick.report_templates.config is 'The report: its sections.';
comment on column yardstick.report_templates.data_sources is
'Array of data sources and queries; null: named in config alone.';
comment on column yardstick.report_templates.parameters is 'Parameters with types and defaults; null: none.';
comment on column yardstick.report_templates.layout is 'How it is laid out; null: the default.';
comment on column yardstick.report_templates.visibility is 'Who sees it: private (author), department, role or public.';
comment on column yardstick.report_templates.allowed_roles is 'Array of names of roles that see it; null: none.';
comment on column yardstick.report_templates.allowed_departments is
'Array of ids of departments that see it; null: none.';
comment on column yardstick.report_templates.version is 'Number of this version, counted from 1.';
comment on column yardstick.report_templates.parent_template_id is 'Template it was made from; null: from nothing.';
comment on column yardstick.report_templates.is_active is 'False: kept, not offered.';
comment on column yardstick.report_templates.is_system_template is
'True: delivered with the system, not made by a user.';
comment on column yardstick.report_templates.usage_count is 'Reports made of it.';
comment on column yardstick.report_templates.created_by is 'User who made it; null: a DBA.';
comment on column yardstick.report_templates.updated_by is 'User who last changed it; null: nobody since, or a DBA.';
comment on column yardstick.report_templates.created_at is 'When it was made.';
comment on column yardstick.report_templates.updated_at is 'When it last changed.';
comment on column yardstick.report_templates.is_deleted is 'True: kept for the reports made of it, not offered.';

alter table yardstick.report_templates enable row level security;
alter table yardstick.report_templates force row level security;
create policy tenant on yardstick.report_templates for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));
create policy platform on yardstick.report_templates for select to yardstick_owner using (organization_id is null);
create policy engine on yardstick.report_templates for all to yardstick_engine_role using (true) with check (true);
grant select, insert, update, delete on yardstick.report_templates to yardstick_engine_role;

create table yardstick.scheduled_reports (
    id                uuid         not null default yardstick.next_id(),
    organization_id   uuid         not null,
    name              varchar(255) not null,
    description       text,
    template_id       uuid         not null,
    schedule_type     text         not null,
    schedule_cron     varchar(50),
    schedule_interval integer,
    timezone          varchar(50)  not null default 'UTC',
    last_run          timestamptz,
    next_run          timestamptz,
    last_success      timestamptz,
    last_failure      timestamptz,
    failure_count     integer      not null default 0,
    delivery_method   text         not null default 'email',
    recipients        jsonb,
    delivery_options  jsonb,
    parameters        jsonb,
    output_format     text         not null default 'pdf',
    is_active         boolean      not null default true,
    is_paused         boolean      not null default false,
    max_failures      integer      not null default 3,
    created_by        uuid,
    updated_by        uuid,
    created_at        timestamptz  not null default now(),
    updated_at        timestamptz  not null default now(),
    is_deleted        boolean      not null default false,

    constraint scheduled_reports_pkey primary key (id),
    constraint scheduled_reports_have_a_name check (name <> ''),
    constraint scheduled_reports_type_is_known check (schedule_type in ('cron', 'interval', 'manual')),
    constraint scheduled_reports_say_when check (
        (schedule_cron is not null) = (schedule_type = 'cron')
        and (schedule_interval is not null) = (schedule_type = 'interval')
    ),
    constraint scheduled_reports_interval_is_positive check (schedule_interval > 0),
    constraint scheduled_reports_delivery_is_known check (delivery_method in ('email', 'download', 'api', 'storage')),
    constraint scheduled_reports_format_is_known check (output_format in ('pdf', 'excel', 'csv', 'json')),
    constraint scheduled_reports_recipients_are_an_array check (jsonb_typeof(recipients) = 'array'),
    constraint scheduled_reports_count_failures check (failure_count >= 0 and max_failures > 0),
    constraint scheduled_reports_organization_id_fkey
    foreign key (organization_id) references yardstick.organizations (id),
    constraint scheduled_reports_template_id_fkey foreign key (template_id) references yardstick.report_templates (id),
    constraint scheduled_reports_created_by_fkey foreign key (created_by) references yardstick.users (id),
    constraint scheduled_reports_updated_by_fkey foreign key (updated_by) references yardstick.users (id)
);

create index idx_scheduled_reports_next_run on yardstick.scheduled_reports (next_run);
create index idx_scheduled_reports_template on yardstick.scheduled_reports (template_id);
create index idx_scheduled_reports_active on yardstick.scheduled_reports (is_active);
create index scheduled_reports_organization_id_idx on yardstick.scheduled_reports (organization_id);
create index scheduled_reports_created_by_idx on yardstick.scheduled_reports (created_by);
create index scheduled_reports_updated_by_idx on yardstick.scheduled_reports (updated_by);

comment on table yardstick.scheduled_reports is 'One row per schedule by which a report is made and delivered.';
comment on column yardstick.scheduled_reports.id is 'Identifier.';
comment on column yardstick.scheduled_reports.organization_id is 'Organization it belongs to.';
comment on column yardstick.scheduled_reports.name is 'Name people know it by.';
comment on column yardstick.scheduled_reports.description is 'What it is for; null: not described.';
comment on column yardstick.scheduled_reports.template_id is 'Template the reports are made of.';
comment on column yardstick.scheduled_reports.schedule_type is 'cron, interval or manual.';
comment on column yardstick.scheduled_reports.schedule_cron is
'Cron expression on the clock of timezone; null unless schedule_type is cron.';
comment on column yardstick.scheduled_reports.schedule_interval is
'Minutes between reports; null unless schedule_type is interval.';
comment on column yardstick.scheduled_reports.timezone is 'IANA time zone of the schedule.';
comment on column yardstick.scheduled_reports.last_run is 'When it last ran; null: never.';
comment on column yardstick.scheduled_reports.next_run is 'When it runs next; null: not by itself.';
comment on column yardstick.scheduled_reports.last_success is 'When a report was last made; null: never.';
comment on column yardstick.scheduled_reports.last_failure is 'When making one last failed; null: never.';
comment on column yardstick.scheduled_reports.failure_count is 'Failures since the last success.';
comment on column yardstick.scheduled_reports.delivery_method is 'email, download, api or storage.';
comment on column yardstick.scheduled_reports.recipients is 'Array of e-mail addresses or ids of users; null: nobody.';
comment on column yardstick.scheduled_reports.delivery_options is 'Further settings of the delivery; null: none.';
comment on column yardstick.scheduled_reports.parameters is
'Values for the parameters of the template; null: their defaults.';
comment on column yardstick.scheduled_reports.output_format is 'pdf, excel, csv or json.';
comment on column yardstick.scheduled_reports.is_active is 'False: kept, does not run.';
comment on column yardstick.scheduled_reports.is_paused is 'True: stopped for now, by a person or after max_failures.';
comment on column yardstick.scheduled_reports.max_failures is 'Failures in a row after which it is paused.';
comment on column yardstick.scheduled_reports.created_by is 'User who made it; null: a DBA.';
comment on column yardstick.scheduled_reports.updated_by is 'User who last changed it; null: nobody since, or a DBA.';
comment on column yardstick.scheduled_reports.created_at is 'When it was made.';
comment on column yardstick.scheduled_reports.updated_at is 'When it last changed.';
comment on column yardstick.scheduled_reports.is_deleted is 'True: kept for the reports it made, does not run.';

alter table yardstick.scheduled_reports enable row level security;
alter table yardstick.scheduled_reports force row level security;
create policy tenant on yardstick.scheduled_reports for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));
create policy engine on yardstick.scheduled_reports for all to yardstick_engine_role using (true) with check (true);
grant select, insert, update, delete on yardstick.scheduled_reports to yardstick_engine_role;

create table yardstick.report_instances (
    id                  uuid        not null default yardstick.next_id(),
    organization_id     uuid        not null,
    template_id         uuid        not null,
    scheduled_report_id uuid,
    generated_at        timestamptz not null default now(),
    generated_by        uuid,
    generation_time_ms  integer,
    file_name           varchar(255),
    file_path           varchar(500),
    file_size_bytes     bigint,
    file_format         text        not null,
    file_hash           varchar(64),
    status              text        not null default 'pending',
    error_message       text,
    retry_count         integer     not null default 0,
    parameters          jsonb,
    data_range          jsonb,
    record_count        integer,
    access_count        integer     not null default 0,
    last_accessed       timestamptz,
    expires_at          timestamptz,
    created_at          timestamptz not null default now(),
    updated_at          timestamptz not null default now(),
    is_deleted          boolean     not null default false,

    constraint report_instances_pkey primary key (organization_id, id),
    constraint report_instances_format_is_known check (file_format in ('pdf', 'excel', 'csv', 'json')),
    constraint report_instances_status_is_known check (
        status in ('pending', 'generating', 'completed', 'failed', 'expired')
    ),
    constraint report_instances_sizes_are_not_negative check (
        generation_time_ms >= 0 and file_size_bytes >= 0 and record_count >= 0
    ),
    constraint report_instances_count check (retry_count >= 0 and access_count >= 0)
);

create index idx_report_instances_template on yardstick.report_instances (organization_id, template_id);
create index idx_report_instances_generated on yardstick.report_instances (organization_id, generated_at);
create index idx_report_instances_status on yardstick.report_instances (organization_id, status);

comment on table yardstick.report_instances is 'One row per report that was asked for, and the file made of it.';
comment on column yardstick.report_instances.id is 'Identifier.';
comment on column yardstick.report_instances.organization_id is 'Organization it was made for.';
comment on column yardstick.report_instances.template_id is 'Template it was made of.';
comment on column yardstick.report_instances.scheduled_report_id is 'Schedule that asked for it; null: a person did.';
comment on column yardstick.report_instances.generated_at is 'When it was asked for, then when it was made.';
comment on column yardstick.report_instances.generated_by is 'User it was made for; null: nobody in particular.';
comment on column yardstick.report_instances.generation_time_ms is 'Milliseconds it took; null: not made yet.';
comment on column yardstick.report_instances.file_name is 'Name of the file; null: not made yet.';
comment on column yardstick.report_instances.file_path is 'Where the file lies; null: not made yet, or kept nowhere.';
comment on column yardstick.report_instances.file_size_bytes is 'Size of the file in bytes; null: not made yet.';
comment on column yardstick.report_instances.file_format is 'pdf, excel, csv or json.';
comment on column yardstick.report_instances.file_hash is 'SHA-256 of the file in hexadecimal; null: not made yet.';
comment on column yardstick.report_instances.status is 'pending, generating, completed, failed or expired.';
comment on column yardstick.report_instances.error_message is 'Why it failed; null: it did not.';
comment on column yardstick.report_instances.retry_count is 'Times it was tried again.';
comment on column yardstick.report_instances.parameters is 'Values of the parameters it was made with; null: none.';
comment on column yardstick.report_instances.data_range is 'Dates and scope of the data in it; null: not made yet.';
comment on column yardstick.report_instances.record_count is 'Rows in it; null: not made yet.';
comment on column yardstick.report_instances.access_count is 'Times it was fetched.';
comment on column yardstick.report_instances.last_accessed is 'When it was last fetched; null: never.';
comment on column yardstick.report_instances.expires_at is 'When the file is removed; null: never.';
comment on column yardstick.report_instances.created_at is 'When the row was made.';
comment on column yardstick.report_instances.updated_at is 'When the row last changed.';
comment on column yardstick.report_instances.is_deleted is 'True: no longer offered.';

alter table yardstick.report_instances enable row level security;
alter table yardstick.report_instances force row level security;
create policy tenant on yardstick.report_instances for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));
create policy engine on yardstick.report_instances for all to yardstick_engine_role using (true) with check (true);
grant select, insert, update, delete on yardstick.report_instances to yardstick_engine_role;

create table yardstick.analytics_cache (
    id              uuid         not null default yardstick.next_id(),
    organization_id uuid,
    cache_key       varchar(255) not null,
    cache_category  text,
    data            jsonb        not null,
    data_hash       varchar(64),
    department_id   uuid,
    user_id         uuid,
    parameters      jsonb,
    created_at      timestamptz  not null default now(),
    expires_at      timestamptz  not null,
    hit_count       integer      not null default 0,
    last_hit        timestamptz,

    constraint analytics_cache_pkey primary key (id),
    constraint cache_keys_are_known_once unique nulls not distinct (organization_id, cache_key),
    constraint cache_category_is_known check (cache_category in ('dashboard', 'report', 'metric')),
    constraint cache_counts_hits check (hit_count >= 0),
    constraint analytics_cache_organization_id_fkey
    foreign key (organization_id) references yardstick.organizations (id),
    constraint analytics_cache_department_id_fkey foreign key (department_id) references yardstick.departments (id),
    constraint analytics_cache_user_id_fkey foreign key (user_id) references yardstick.users (id)
);

create index idx_analytics_cache_key on yardstick.analytics_cache (cache_key);
create index idx_analytics_cache_expires on yardstick.analytics_cache (expires_at);
create index idx_analytics_cache_category on yardstick.analytics_cache (cache_category);
create index analytics_cache_department_id_idx on yardstick.analytics_cache (department_id);
create index analytics_cache_user_id_idx on yardstick.analytics_cache (user_id);

comment on table yardstick.analytics_cache is 'One row per result kept to be served again.';
comment on column yardstick.analytics_cache.id is 'Identifier.';
comment on column yardstick.analytics_cache.organization_id is 'Organization it was made for; null: the same for all.';
comment on column yardstick.analytics_cache.cache_key is
'What it is the result of: version of the data and scope of the viewer included.';
comment on column yardstick.analytics_cache.cache_category is 'dashboard, report or metric; null: other.';
comment on column yardstick.analytics_cache.data is 'The result.';
comment on column yardstick.analytics_cache.data_hash is 'SHA-256 of data in hexadecimal; null: not computed.';
comment on column yardstick.analytics_cache.department_id is 'Department it was made for; null: none in particular.';
comment on column yardstick.analytics_cache.user_id is 'User it was made for; null: nobody in particular.';
comment on column yardstick.analytics_cache.parameters is 'Parameters it was made with; null: none.';
comment on column yardstick.analytics_cache.created_at is 'When it was made.';
comment on column yardstick.analytics_cache.expires_at is 'When it is of no use any more.';
comment on column yardstick.analytics_cache.hit_count is 'Times it was served.';
comment on column yardstick.analytics_cache.last_hit is 'When it was last served; null: never.';

alter table yardstick.analytics_cache enable row level security;
alter table yardstick.analytics_cache force row level security;
create policy tenant on yardstick.analytics_cache for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));
create policy platform on yardstick.analytics_cache for select to yardstick_owner using (organization_id is null);
create policy engine on yardstick.analytics_cache for all to yardstick_engine_role using (true) with check (true);
grant select, insert, update, delete on yardstick.analytics_cache to yardstick_engine_role;
