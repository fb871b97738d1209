-- Both seeds have dashboards: one table with the columns of both, and a view under the other name.
-- depends: 0008.create_observations
set local role yardstick_owner;

create table yardstick.analytics_dashboards (
    id                       uuid        not null default yardstick.next_id(),
    organization_id          uuid,
    dashboard_name           text        not null,
    description              text,
    dashboard_type           text        not null,
    layout_config            jsonb       not null,
    filters_config           jsonb,
    theme                    text        not null default 'light',
    tags                     text[],
    refresh_interval_seconds integer     not null default 300,
    auto_refresh             boolean     not null default true,
    owner_id                 uuid,
    department_id            uuid,
    visibility               text        not null default 'private',
    is_public                boolean     generated always as (visibility = 'public') stored,
    allowed_users            jsonb,
    allowed_roles            jsonb,
    is_active                boolean     not null default true,
    is_default               boolean     not null default false,
    usage_count              integer     not null default 0,
    last_used                timestamptz,
    version                  integer     not null default 1,
    created_by               uuid,
    created_at               timestamptz not null default now(),
    updated_by               uuid,
    updated_at               timestamptz not null default now(),
    deleted_at               timestamptz,
    deleted_by               uuid,

    constraint analytics_dashboards_pkey primary key (id),
    constraint dashboards_are_named_once_per_owner unique nulls not distinct (dashboard_name, owner_id, organization_id),
    constraint valid_layout check (jsonb_typeof(layout_config) = 'object'),
    constraint valid_filters check (jsonb_typeof(filters_config) = 'object'),
    constraint dashboards_have_a_name check (dashboard_name <> ''),
    constraint dashboards_type_is_known check (
        dashboard_type in (
            'executive', 'operational', 'compliance', 'risk', 'custom', 'personal', 'department', 'system'
        )
    ),
    constraint dashboards_visibility_is_known check (visibility in ('private', 'department', 'role', 'public')),
    constraint dashboards_access_lists_are_arrays check (
        jsonb_typeof(allowed_users) = 'array' and jsonb_typeof(allowed_roles) = 'array'
    ),
    constraint dashboards_refresh_after_a_while check (refresh_interval_seconds > 0),
    constraint dashboards_count_uses check (usage_count >= 0),
    constraint dashboards_count_versions_from_one check (version >= 1),
    constraint analytics_dashboards_organization_id_fkey
    foreign key (organization_id) references yardstick.organizations (id),
    constraint analytics_dashboards_owner_id_fkey foreign key (owner_id) references yardstick.users (id),
    constraint analytics_dashboards_department_id_fkey
    foreign key (department_id) references yardstick.departments (id),
    constraint analytics_dashboards_created_by_fkey foreign key (created_by) references yardstick.users (id),
    constraint analytics_dashboards_updated_by_fkey foreign key (updated_by) references yardstick.users (id),
    constraint analytics_dashboards_deleted_by_fkey foreign key (deleted_by) references yardstick.users (id)
);

create index idx_dashboards_owner on yardstick.analytics_dashboards (owner_id, is_public) where deleted_at is null;
create index idx_dashboard_configs_owner on yardstick.analytics_dashboards (owner_id);
create index idx_dashboard_configs_department on yardstick.analytics_dashboards (department_id);
create index idx_dashboard_configs_type on yardstick.analytics_dashboards (dashboard_type);
create index analytics_dashboards_organization_id_idx on yardstick.analytics_dashboards (organization_id);
create index analytics_dashboards_created_by_idx on yardstick.analytics_dashboards (created_by);
create index analytics_dashboards_updated_by_idx on yardstick.analytics_dashboards (updated_by);
create index analytics_dashboards_deleted_by_idx on yardstick.analytics_dashboards (deleted_by);

comment on table yardstick.analytics_dashboards is 'One row per dashboard.';
comment on column yardstick.analytics_dashboards.id is 'Identifier.';
comment on column yardstick.analytics_dashboards.organization_id is
'Organization it belongs to; null: a dashboard of the platform.';
comment on column yardstick.analytics_dashboards.dashboard_name is 'Name people know it by.';
comment on column yardstick.analytics_dashboards.description is 'What it is for; null: not described.';
comment on column yardstick.analytics_dashboards.dashboard_type is
'executive, operational, compliance, risk, custom, personal, department or system.';
comment on column yardstick.analytics_dashboards.layout_config is 'Grid layout of its widgets.';
comment on column yardstick.analytics_dashboards.filters_config is 'Filters it offers; null: none.';
comment on column yardstick.analytics_dashboards.theme is 'Colour theme.';
comment on column yardstick.analytics_dashboards.tags is 'Words it is found by; null: none.';
comment on column yardstick.analytics_dashboards.refresh_interval_seconds is
'Seconds between refreshes while it is shown.';
comment on column yardstick.analytics_dashboards.auto_refresh is 'False: refreshed by hand only.';
comment on column yardstick.analytics_dashboards.owner_id is 'User it belongs to; null: nobody in particular.';
comment on column yardstick.analytics_dashboards.department_id is 'Department it is for; null: none in particular.';
comment on column yardstick.analytics_dashboards.visibility is
'Who sees it: private (owner), department, role or public.';
comment on column yardstick.analytics_dashboards.is_public is
'True: every user of the organization sees it; follows visibility.';
comment on column yardstick.analytics_dashboards.allowed_users is 'Array of ids of users who see it too; null: none.';
comment on column yardstick.analytics_dashboards.allowed_roles is
'Array of names of roles that see it too; null: none.';
comment on column yardstick.analytics_dashboards.is_active is 'False: kept, not offered.';
comment on column yardstick.analytics_dashboards.is_default is 'True: shown to users who chose none.';
comment on column yardstick.analytics_dashboards.usage_count is 'Times it was opened.';
comment on column yardstick.analytics_dashboards.last_used is 'When it was last opened; null: never.';
comment on column yardstick.analytics_dashboards.version is 'Number of this version, counted from 1.';
comment on column yardstick.analytics_dashboards.created_by is 'User who made it; null: a DBA.';
comment on column yardstick.analytics_dashboards.created_at is 'When it was made.';
comment on column yardstick.analytics_dashboards.updated_by is
'User who last changed it; null: nobody since, or a DBA.';
comment on column yardstick.analytics_dashboards.updated_at is 'When it last changed.';
comment on column yardstick.analytics_dashboards.deleted_at is 'When it was deleted; null: in use.';
comment on column yardstick.analytics_dashboards.deleted_by is 'User who deleted it; null: in use, or a DBA did.';

alter table yardstick.analytics_dashboards enable row level security;
alter table yardstick.analytics_dashboards force row level security;
create policy tenant on yardstick.analytics_dashboards for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));
create policy platform on yardstick.analytics_dashboards for select to yardstick_owner using (organization_id is null);
create policy engine on yardstick.analytics_dashboards for all to yardstick_engine_role using (true) with check (true);
grant select, insert, update, delete on yardstick.analytics_dashboards to yardstick_engine_role;

create table yardstick.dashboard_widgets (
    id                        uuid        not null default yardstick.next_id(),
    organization_id           uuid,
    dashboard_id              uuid        not null,
    widget_name               text        not null,
    widget_type               text        not null,
    position                  jsonb       not null,
    metric_ids                uuid[],
    visualization_config      jsonb       not null,
    data_config               jsonb,
    interaction_config        jsonb,
    refresh_interval_override integer,
    is_visible                boolean     not null default true,
    created_by                uuid,
    created_at                timestamptz not null default now(),
    updated_by                uuid,
    updated_at                timestamptz not null default now(),

    constraint dashboard_widgets_pkey primary key (id),
    constraint valid_position check (jsonb_typeof(position) = 'object'),
    constraint valid_viz_config check (jsonb_typeof(visualization_config) = 'object'),
    constraint valid_data_config check (jsonb_typeof(data_config) = 'object'),
    constraint valid_interaction check (jsonb_typeof(interaction_config) = 'object'),
    constraint widgets_type_is_known check (
        widget_type in (
            'metric_card', 'line_chart', 'bar_chart', 'pie_chart', 'table',
            'heatmap', 'gauge', 'map', 'text', 'image'
        )
    ),
    constraint widgets_refresh_after_a_while check (refresh_interval_override > 0),
    constraint dashboard_widgets_organization_id_fkey
    foreign key (organization_id) references yardstick.organizations (id),
    constraint dashboard_widgets_dashboard_id_fkey
    foreign key (dashboard_id) references yardstick.analytics_dashboards (id) on delete cascade,
    constraint dashboard_widgets_created_by_fkey foreign key (created_by) references yardstick.users (id),
    constraint dashboard_widgets_updated_by_fkey foreign key (updated_by) references yardstick.users (id)
);

create index idx_dashboard_widgets_dashboard on yardstick.dashboard_widgets (dashboard_id, is_visible);
create index dashboard_widgets_organization_id_idx on yardstick.dashboard_widgets (organization_id);
create index dashboard_widgets_created_by_idx on yardstick.dashboard_widgets (created_by);
create index dashboard_widgets_updated_by_idx on yardstick.dashboard_widgets (updated_by);

comment on table yardstick.dashboard_widgets is 'One row per widget on a dashboard.';
comment on column yardstick.dashboard_widgets.id is 'Identifier.';
comment on column yardstick.dashboard_widgets.organization_id is
'Organization it belongs to; null: on a dashboard of the platform.';
comment on column yardstick.dashboard_widgets.dashboard_id is 'Dashboard it stands on.';
comment on column yardstick.dashboard_widgets.widget_name is 'Title.';
comment on column yardstick.dashboard_widgets.widget_type is
'metric_card, line_chart, bar_chart, pie_chart, table, heatmap, gauge, map, text or image.';
comment on column yardstick.dashboard_widgets.position is 'Place on the grid: x, y, w, h.';
comment on column yardstick.dashboard_widgets.metric_ids is 'Metrics it shows; null: none.';
comment on column yardstick.dashboard_widgets.visualization_config is 'How it is drawn: chart options, colours.';
comment on column yardstick.dashboard_widgets.data_config is
'Which data it shows: level, window, filters; null: the defaults.';
comment on column yardstick.dashboard_widgets.interaction_config is 'What a click does; null: nothing.';
comment on column yardstick.dashboard_widgets.refresh_interval_override is
'Seconds between refreshes; null: as the dashboard.';
comment on column yardstick.dashboard_widgets.is_visible is 'False: kept, not drawn.';
comment on column yardstick.dashboard_widgets.created_by is 'User who made it; null: a DBA.';
comment on column yardstick.dashboard_widgets.created_at is 'When it was made.';
comment on column yardstick.dashboard_widgets.updated_by is 'User who last changed it; null: nobody since, or a DBA.';
comment on column yardstick.dashboard_widgets.updated_at is 'When it last changed.';

alter table yardstick.dashboard_widgets enable row level security;
alter table yardstick.dashboard_widgets force row level security;
create policy tenant on yardstick.dashboard_widgets for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));
create policy platform on yardstick.dashboard_widgets for select to yardstick_owner using (organization_id is null);
create policy engine on yardstick.dashboard_widgets for all to yardstick_engine_role using (true) with check (true);
grant select, insert, update, delete on yardstick.dashboard_widgets to yardstick_engine_role;

create table yardstick.dashboard_sharing (
    id               uuid        not null default yardstick.next_id(),
    organization_id  uuid,
    dashboard_id     uuid        not null,
    shared_with_type text        not null,
    shared_with_id   uuid,
    permission_level text        not null default 'view',
    shared_by        uuid,
    shared_at        timestamptz not null default now(),
    expires_at       timestamptz,

    constraint dashboard_sharing_pkey primary key (id),
    constraint sharing_is_said_once unique nulls not distinct (
        dashboard_id, shared_with_type, shared_with_id, organization_id
    ),
    constraint sharing_type_is_known check (shared_with_type in ('user', 'role', 'department', 'everyone')),
    constraint sharing_permission_is_known check (permission_level in ('view', 'edit', 'admin')),
    constraint sharing_names_someone_or_everyone check ((shared_with_id is null) = (shared_with_type = 'everyone')),
    constraint dashboard_sharing_organization_id_fkey
    foreign key (organization_id) references yardstick.organizations (id),
    constraint dashboard_sharing_dashboard_id_fkey
    foreign key (dashboard_id) references yardstick.analytics_dashboards (id) on delete cascade,
    constraint dashboard_sharing_shared_by_fkey foreign key (shared_by) references yardstick.users (id)
);

create index idx_dashboard_sharing_user on yardstick.dashboard_sharing (shared_with_type, shared_with_id);
create index dashboard_sharing_organization_id_idx on yardstick.dashboard_sharing (organization_id);
create index dashboard_sharing_shared_by_idx on yardstick.dashboard_sharing (shared_by);

comment on table yardstick.dashboard_sharing is 'One row per user, role or department a dashboard is shared with.';
comment on column yardstick.dashboard_sharing.id is 'Identifier.';
comment on column yardstick.dashboard_sharing.organization_id is
'Organization it belongs to; null: a dashboard of the platform.';
comment on column yardstick.dashboard_sharing.dashboard_id is 'Dashboard that is shared.';
comment on column yardstick.dashboard_sharing.shared_with_type is 'user, role, department or everyone.';
comment on column yardstick.dashboard_sharing.shared_with_id is 'User, role or department; null: everyone.';
comment on column yardstick.dashboard_sharing.permission_level is 'What they may do: view, edit or admin.';
comment on column yardstick.dashboard_sharing.shared_by is 'User who shared it; null: a DBA.';
comment on column yardstick.dashboard_sharing.shared_at is 'When it was shared.';
comment on column yardstick.dashboard_sharing.expires_at is 'When the right ends; null: never.';

alter table yardstick.dashboard_sharing enable row level security;
alter table yardstick.dashboard_sharing force row level security;
create policy tenant on yardstick.dashboard_sharing for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));
create policy platform on yardstick.dashboard_sharing for select to yardstick_owner using (organization_id is null);
create policy engine on yardstick.dashboard_sharing for all to yardstick_engine_role using (true) with check (true);
grant select, insert, update, delete on yardstick.dashboard_sharing to yardstick_engine_role;

-- The trigger that writes through it is replayed with the code: sql/tables/dashboard_configurations.sql.
create view yardstick.dashboard_configurations as
select
    d.id,
    d.id as uuid,
    d.dashboard_name::varchar(255) as name,
    d.description,
    d.dashboard_type,
    d.layout_config as layout,
    d.refresh_interval_seconds as refresh_interval,
    d.auto_refresh,
    d.owner_id,
    d.department_id,
    d.visibility,
    d.allowed_users,
    d.allowed_roles,
    d.is_active,
    d.is_default,
    d.usage_count,
    d.last_used,
    d.created_by,
    d.updated_by,
    d.created_at,
    d.updated_at,
    d.deleted_at is not null as is_deleted,
    d.organization_id
from yardstick.analytics_dashboards as d;

comment on view yardstick.dashboard_configurations is
'One row per dashboard, under the names of the first seed; can be written to.';
comment on column yardstick.dashboard_configurations.id is 'Identifier; the id of the dashboard.';
comment on column yardstick.dashboard_configurations.uuid is 'The same identifier.';
comment on column yardstick.dashboard_configurations.name is 'dashboard_name.';
comment on column yardstick.dashboard_configurations.description is 'What it is for; null: not described.';
comment on column yardstick.dashboard_configurations.dashboard_type is
'executive, operational, compliance, risk, custom, personal, department or system.';
comment on column yardstick.dashboard_configurations.layout is 'layout_config: grid layout of its widgets.';
comment on column yardstick.dashboard_configurations.refresh_interval is
'refresh_interval_seconds: seconds between refreshes while it is shown.';
comment on column yardstick.dashboard_configurations.auto_refresh is 'False: refreshed by hand only.';
comment on column yardstick.dashboard_configurations.owner_id is 'User it belongs to; null: nobody in particular.';
comment on column yardstick.dashboard_configurations.department_id is 'Department it is for; null: none in particular.';
comment on column yardstick.dashboard_configurations.visibility is
'Who sees it: private (owner), department, role or public.';
comment on column yardstick.dashboard_configurations.allowed_users is
'Array of ids of users who see it too; null: none.';
comment on column yardstick.dashboard_configurations.allowed_roles is
'Array of names of roles that see it too; null: none.';
comment on column yardstick.dashboard_configurations.is_active is 'False: kept, not offered.';
comment on column yardstick.dashboard_configurations.is_default is 'True: shown to users who chose none.';
comment on column yardstick.dashboard_configurations.usage_count is 'Times it was opened.';
comment on column yardstick.dashboard_configurations.last_used is 'When it was last opened; null: never.';
comment on column yardstick.dashboard_configurations.created_by is 'User who made it; null: a DBA.';
comment on column yardstick.dashboard_configurations.updated_by is
'User who last changed it; null: nobody since, or a DBA.';
comment on column yardstick.dashboard_configurations.created_at is 'When it was made.';
comment on column yardstick.dashboard_configurations.updated_at is 'When it last changed.';
comment on column yardstick.dashboard_configurations.is_deleted is 'True: deleted_at is set.';
comment on column yardstick.dashboard_configurations.organization_id is
'Organization it belongs to; null: a dashboard of the platform.';
