-- Values, targets and rights belong to organizations and their people, which a host application keeps in step.
-- depends: 0002.create_base_functions
set local role yardstick_owner;

create table yardstick.organizations (
    id                      uuid        not null default yardstick.next_id(),
    external_id             text,
    organization_name       text        not null,
    timezone                text        not null default 'UTC',
    week_start              smallint    not null default 1,
    fiscal_year_start_month smallint    not null default 1,
    is_active               boolean     not null default true,
    created_at              timestamptz not null default now(),
    updated_at              timestamptz not null default now(),

    constraint organizations_pkey primary key (id),
    constraint organizations_external_id_is_known_once unique (external_id),
    constraint organizations_have_a_name check (organization_name <> ''),
    constraint organizations_weeks_start_on_a_weekday check (week_start between 1 and 7),
    constraint organizations_years_start_in_a_month check (fiscal_year_start_month between 1 and 12)
);

comment on table yardstick.organizations is 'One row per organization (tenant) whose metrics are kept here.';
comment on column yardstick.organizations.id is 'Identifier; the organization_id of everything that belongs to it.';
comment on column yardstick.organizations.external_id is
'Its identifier in the host application; null when it has none there.';
comment on column yardstick.organizations.organization_name is 'Name people know it by.';
comment on column yardstick.organizations.timezone is 'IANA time zone whose midnight starts its days.';
comment on column yardstick.organizations.week_start is 'ISO weekday its weeks start on: 1 is Monday, 7 is Sunday.';
comment on column yardstick.organizations.fiscal_year_start_month is
'Month its years and quarters start in: 1 is January.';
comment on column yardstick.organizations.is_active is 'False: kept with its history, no longer calculated.';
comment on column yardstick.organizations.created_at is 'When the row was made.';
comment on column yardstick.organizations.updated_at is 'When the row last changed.';

alter table yardstick.organizations enable row level security;
alter table yardstick.organizations force row level security;
create policy tenant on yardstick.organizations for all to yardstick_owner
using (id = (select yardstick.current_organization()))
with check (id = (select yardstick.current_organization()));
create policy engine on yardstick.organizations for all to yardstick_engine_role using (true) with check (true);
grant select, insert, update, delete on yardstick.organizations to yardstick_engine_role;

create table yardstick.departments (
    id                   uuid        not null default yardstick.next_id(),
    organization_id      uuid        not null,
    external_id          text,
    department_name      text        not null,
    parent_department_id uuid,
    is_active            boolean     not null default true,
    created_at           timestamptz not null default now(),
    updated_at           timestamptz not null default now(),

    constraint departments_pkey primary key (id),
    constraint departments_external_id_is_known_once unique (organization_id, external_id),
    constraint departments_have_a_name check (department_name <> ''),
    constraint departments_are_not_their_own_parent check (parent_department_id <> id),
    constraint departments_organization_id_fkey foreign key (organization_id) references yardstick.organizations (id),
    constraint departments_parent_department_id_fkey
    foreign key (parent_department_id) references yardstick.departments (id)
);

create index departments_parent_department_id_idx on yardstick.departments (parent_department_id);

comment on table yardstick.departments is 'One row per department; a tree within one organization.';
comment on column yardstick.departments.id is 'Identifier.';
comment on column yardstick.departments.organization_id is 'Organization it belongs to.';
comment on column yardstick.departments.external_id is
'Its identifier in the host application; null when it has none there.';
comment on column yardstick.departments.department_name is 'Name people know it by.';
comment on column yardstick.departments.parent_department_id is
'Department it is part of, whose values include its own; null at the top.';
comment on column yardstick.departments.is_active is 'False: kept for its history, no longer offered.';
comment on column yardstick.departments.created_at is 'When the row was made.';
comment on column yardstick.departments.updated_at is 'When the row last changed.';

alter table yardstick.departments enable row level security;
alter table yardstick.departments force row level security;
create policy tenant on yardstick.departments for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));
create policy engine on yardstick.departments for all to yardstick_engine_role using (true) with check (true);
grant select, insert, update, delete on yardstick.departments to yardstick_engine_role;

create table yardstick.teams (
    id              uuid        not null default yardstick.next_id(),
    organization_id uuid        not null,
    external_id     text,
    team_name       text        not null,
    department_id   uuid,
    is_active       boolean     not null default true,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),

    constraint teams_pkey primary key (id),
    constraint teams_external_id_is_known_once unique (organization_id, external_id),
    constraint teams_have_a_name check (team_name <> ''),
    constraint teams_organization_id_fkey foreign key (organization_id) references yardstick.organizations (id),
    constraint teams_department_id_fkey foreign key (department_id) references yardstick.departments (id)
);

create index teams_department_id_idx on yardstick.teams (department_id);

comment on table yardstick.teams is 'One row per team of an organization.';
comment on column yardstick.teams.id is 'Identifier.';
comment on column yardstick.teams.organization_id is 'Organization it belongs to.';
comment on column yardstick.teams.external_id is 'Its identifier in the host application; null when it has none there.';
comment on column yardstick.teams.team_name is 'Name people know it by.';
comment on column yardstick.teams.department_id is 'Department it works in; null when it belongs to none.';
comment on column yardstick.teams.is_active is 'False: kept for its history, no longer offered.';
comment on column yardstick.teams.created_at is 'When the row was made.';
comment on column yardstick.teams.updated_at is 'When the row last changed.';

alter table yardstick.teams enable row level security;
alter table yardstick.teams force row level security;
create policy tenant on yardstick.teams for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));
create policy engine on yardstick.teams for all to yardstick_engine_role using (true) with check (true);
grant select, insert, update, delete on yardstick.teams to yardstick_engine_role;

create table yardstick.users (
    id              uuid        not null default yardstick.next_id(),
    organization_id uuid        not null,
    external_id     text,
    user_name       text        not null,
    email           text,
    department_id   uuid,
    team_id         uuid,
    is_active       boolean     not null default true,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),

    constraint users_pkey primary key (id),
    constraint users_external_id_is_known_once unique (organization_id, external_id),
    constraint users_have_a_name check (user_name <> ''),
    constraint users_organization_id_fkey foreign key (organization_id) references yardstick.organizations (id),
    constraint users_department_id_fkey foreign key (department_id) references yardstick.departments (id),
    constraint users_team_id_fkey foreign key (team_id) references yardstick.teams (id)
);

create index users_department_id_idx on yardstick.users (department_id);
create index users_team_id_idx on yardstick.users (team_id);

comment on table yardstick.users is 'One row per person of an organization; not a login of the database.';
comment on column yardstick.users.id is 'Identifier.';
comment on column yardstick.users.organization_id is 'Organization the person belongs to.';
comment on column yardstick.users.external_id is 'Identifier in the host application; null when there is none.';
comment on column yardstick.users.user_name is 'Name people know the person by.';
comment on column yardstick.users.email is 'Address that notices and reports go to; null: none are sent.';
comment on column yardstick.users.department_id is 'Department the person works in; null when in none.';
comment on column yardstick.users.team_id is 'Team the person works in; null when in none.';
comment on column yardstick.users.is_active is 'False: kept for its history, receives nothing, approves nothing.';
comment on column yardstick.users.created_at is 'When the row was made.';
comment on column yardstick.users.updated_at is 'When the row last changed.';

alter table yardstick.users enable row level security;
alter table yardstick.users force row level security;
create policy tenant on yardstick.users for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));
create policy engine on yardstick.users for all to yardstick_engine_role using (true) with check (true);
grant select, insert, update, delete on yardstick.users to yardstick_engine_role;

create table yardstick.roles (
    id              uuid        not null default yardstick.next_id(),
    organization_id uuid,
    external_id     text,
    role_name       text        not null,
    may_approve     text[]      not null default '{}',
    is_active       boolean     not null default true,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),

    constraint roles_pkey primary key (id),
    constraint roles_are_named_once unique nulls not distinct (organization_id, role_name),
    constraint roles_have_a_name check (role_name <> ''),
    constraint roles_approve_known_gates check (
        may_approve <@ array['owner', 'methodology', 'data_source', 'business_alignment']
    ),
    constraint roles_organization_id_fkey foreign key (organization_id) references yardstick.organizations (id)
);

create unique index roles_external_id_is_known_once on yardstick.roles (organization_id, external_id)
nulls not distinct where external_id is not null;

comment on table yardstick.roles is
'One row per role that people hold: who may approve, who is told, who sees what is shared.';
comment on column yardstick.roles.id is 'Identifier.';
comment on column yardstick.roles.organization_id is
'Organization it belongs to; null: the role of the whole platform.';
comment on column yardstick.roles.external_id is 'Its identifier in the host application; null when it has none there.';
comment on column yardstick.roles.role_name is 'Name people know it by.';
comment on column yardstick.roles.may_approve is
'Approval gates its members may give: owner, methodology, data_source, business_alignment.';
comment on column yardstick.roles.is_active is 'False: kept for its history, grants nothing.';
comment on column yardstick.roles.created_at is 'When the row was made.';
comment on column yardstick.roles.updated_at is 'When the row last changed.';

alter table yardstick.roles enable row level security;
alter table yardstick.roles force row level security;
create policy tenant on yardstick.roles for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));
create policy platform on yardstick.roles for select to yardstick_owner using (organization_id is null);
create policy engine on yardstick.roles for all to yardstick_engine_role using (true) with check (true);
grant select, insert, update, delete on yardstick.roles to yardstick_engine_role;

create table yardstick.role_members (
    id              uuid        not null default yardstick.next_id(),
    organization_id uuid        not null,
    role_id         uuid        not null,
    user_id         uuid        not null,
    created_at      timestamptz not null default now(),

    constraint role_members_pkey primary key (id),
    constraint role_members_hold_a_role_once unique (organization_id, role_id, user_id),
    constraint role_members_organization_id_fkey foreign key (organization_id) references yardstick.organizations (id),
    constraint role_members_role_id_fkey foreign key (role_id) references yardstick.roles (id) on delete cascade,
    constraint role_members_user_id_fkey foreign key (user_id) references yardstick.users (id) on delete cascade
);

create index role_members_role_id_idx on yardstick.role_members (role_id);
create index role_members_user_id_idx on yardstick.role_members (user_id);

comment on table yardstick.role_members is 'One row per role and person who holds it.';
comment on column yardstick.role_members.id is 'Identifier.';
comment on column yardstick.role_members.organization_id is 'Organization of the person.';
comment on column yardstick.role_members.role_id is 'Role held.';
comment on column yardstick.role_members.user_id is 'Person who holds it.';
comment on column yardstick.role_members.created_at is 'When the role was given.';

alter table yardstick.role_members enable row level security;
alter table yardstick.role_members force row level security;
create policy tenant on yardstick.role_members for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));
create policy engine on yardstick.role_members for all to yardstick_engine_role using (true) with check (true);
grant select, insert, update, delete on yardstick.role_members to yardstick_engine_role;
