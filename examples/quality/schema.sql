-- The host application: a quality-management platform with tables, integer ids and habits of its own.
create schema if not exists quality;
comment on schema quality is 'A small quality-management platform: the host application of the demo.';

create table if not exists quality.organizations (
    id integer primary key,
    name text not null,
    timezone text not null,
    week_start smallint not null,
    fiscal_year_start_month smallint not null
);
comment on table quality.organizations is 'One row per customer of the platform.';

create table if not exists quality.departments (
    id integer primary key,
    organization_id integer not null references quality.organizations,
    parent_id integer references quality.departments,
    name text not null,
    -- How much happens here, 1 being usual; 0 for a department that only holds others.
    activity numeric not null
);
comment on table quality.departments is 'One row per department, a tree two or three deep.';

create table if not exists quality.teams (
    id integer primary key,
    organization_id integer not null references quality.organizations,
    department_id integer not null references quality.departments,
    name text not null
);
comment on table quality.teams is 'One row per shift of a department.';

create table if not exists quality.users (
    id integer primary key,
    organization_id integer not null references quality.organizations,
    department_id integer not null references quality.departments,
    team_id integer not null references quality.teams,
    name text not null,
    email text not null
);
comment on table quality.users is 'One row per person.';

create table if not exists quality.capas (
    id bigint generated always as identity primary key,
    organization_id integer not null,
    department_id integer not null,
    team_id integer not null,
    owner_id integer not null,
    severity text not null,
    opened_at timestamptz not null,
    due_at timestamptz not null,
    closed_at timestamptz,
    is_effective boolean
);
comment on table quality.capas is 'One row per corrective or preventive action; closed_at is empty while it is open.';

create table if not exists quality.deviations (
    id bigint generated always as identity primary key,
    organization_id integer not null,
    department_id integer not null,
    team_id integer not null,
    reported_by integer not null,
    severity text not null,
    occurred_at timestamptz not null,
    is_repeat boolean not null,
    cost numeric(12, 2),
    is_deleted boolean not null default false
);
comment on table quality.deviations is 'One row per deviation; cost is empty until it has been assessed.';

create table if not exists quality.trainings (
    id bigint generated always as identity primary key,
    organization_id integer not null,
    department_id integer not null,
    team_id integer not null,
    user_id integer not null,
    course text not null,
    due_at timestamptz not null,
    completed_at timestamptz,
    score numeric(5, 2)
);
comment on table quality.trainings is 'One row per course a person had to complete.';

create table if not exists quality.documents (
    id bigint generated always as identity primary key,
    organization_id integer not null,
    department_id integer not null,
    owner_id integer not null,
    kind text not null,
    submitted_at timestamptz not null,
    approved_at timestamptz
);
comment on table quality.documents is 'One row per revision of a controlled document; approved_at is empty while it is in review.';

create table if not exists quality.audits (
    id bigint generated always as identity primary key,
    organization_id integer not null,
    department_id integer,
    audit_type text not null,
    held_at timestamptz not null,
    major_findings integer not null,
    minor_findings integer not null,
    score numeric(5, 2) not null
);
comment on table quality.audits is 'One row per audit; one of the whole organization has no department.';

-- What instruments and back offices send instead of rows: the demo records these through the API.
create table if not exists quality.readings (
    id uuid primary key,
    organization_id integer not null,
    department_id integer,
    metric_name text not null,
    measured_at timestamptz not null,
    value numeric(15, 4) not null
);
comment on table quality.readings is 'One row per value that reaches Yardstick through record_values.';

create index if not exists capas_opened_at on quality.capas (opened_at);
create index if not exists capas_closed_at on quality.capas (closed_at);
create index if not exists deviations_occurred_at on quality.deviations (occurred_at);
create index if not exists trainings_due_at on quality.trainings (due_at);
create index if not exists documents_approved_at on quality.documents (approved_at);
create index if not exists audits_held_at on quality.audits (held_at);

-- The same seed gives the same number from 0 to 1 on every machine, so that everybody sees the same demo.
create or replace function quality.noise(seed text)
returns double precision
language sql
immutable
as $noise$
    select ('x' || left(md5(seed), 8))::bit(32)::bigint / 4294967296.0::float8
$noise$;
comment on function quality.noise is 'A number from 0 to 1 that looks random and is decided by the seed.';

grant usage on schema quality to yardstick_reader;
grant select on quality.capas, quality.deviations, quality.trainings, quality.documents, quality.audits
to yardstick_reader;
