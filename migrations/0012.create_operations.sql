-- Jobs say what runs and what ran; logins say whom they serve; code_files says what was loaded.
-- depends: 0011.create_reports
set local role yardstick_owner;

create table yardstick.jobs (
    job_name    text    not null,
    schedule    text    not null,
    command     text    not null,
    description text    not null,
    is_active   boolean not null default true,

    constraint jobs_pkey primary key (job_name)
);

comment on table yardstick.jobs is 'One row per job that the scheduler runs.';
comment on column yardstick.jobs.job_name is 'Name of the job.';
comment on column yardstick.jobs.schedule is 'When it runs, as a cron expression.';
comment on column yardstick.jobs.command is 'What it runs, one SQL statement.';
comment on column yardstick.jobs.description is 'What it is for.';
comment on column yardstick.jobs.is_active is 'False: not registered with the scheduler.';

grant select, insert, update, delete on yardstick.jobs to yardstick_engine_role;

create table yardstick.job_runs (
    id          uuid        not null default yardstick.next_id(),
    job_name    text        not null,
    started_at  timestamptz not null default clock_timestamp(),
    finished_at timestamptz,
    status      text        not null default 'running',
    progress    jsonb       not null default '{}',
    message     text,
    error_code  text,
    backend_pid integer,

    constraint job_runs_pkey primary key (id),
    constraint job_runs_status_is_known check (status in ('running', 'succeeded', 'failed', 'abandoned')),
    constraint job_runs_end_when_they_end check ((status = 'running') = (finished_at is null)),
    constraint job_runs_end_after_they_start check (started_at <= finished_at)
);

create index job_runs_recent_idx on yardstick.job_runs (job_name, started_at desc);

comment on table yardstick.job_runs is 'One row per run of a job.';
comment on column yardstick.job_runs.id is 'Identifier.';
comment on column yardstick.job_runs.job_name is 'Job that ran.';
comment on column yardstick.job_runs.started_at is 'When it started.';
comment on column yardstick.job_runs.finished_at is 'When it ended; null: still running.';
comment on column yardstick.job_runs.status is 'running, succeeded, failed or abandoned (its backend was gone).';
comment on column yardstick.job_runs.progress is 'What it has done so far, in counts.';
comment on column yardstick.job_runs.message is 'What went wrong or is remarkable; null: nothing.';
comment on column yardstick.job_runs.error_code is 'SQLSTATE when it failed; null otherwise.';
comment on column yardstick.job_runs.backend_pid is 'Process that runs it; null: not known.';

grant select, insert, update, delete on yardstick.job_runs to yardstick_engine_role;

-- Read by the tenant context itself: no row-level security, and no grant to anybody.
create table yardstick.login_bindings (
    login_name      text        not null,
    organization_id uuid,
    kind            text        not null,
    created_at      timestamptz not null default now(),

    constraint login_bindings_are_said_once unique nulls not distinct (login_name, organization_id),
    constraint login_bindings_kind_is_known check (kind in ('bound', 'trusted')),
    constraint login_bindings_bind_to_something check (organization_id is not null or kind = 'trusted'),
    constraint login_bindings_organization_id_fkey foreign key (organization_id) references yardstick.organizations (id)
);

create unique index login_bindings_bound_logins_have_one on yardstick.login_bindings (login_name) where kind = 'bound';
create index login_bindings_organization_id_idx on yardstick.login_bindings (organization_id);

comment on table yardstick.login_bindings is 'One row per login of the database and organization it works for.';
comment on column yardstick.login_bindings.login_name is 'Login of the database.';
comment on column yardstick.login_bindings.organization_id is
'Organization it works for; null: every one, for trusted logins only.';
comment on column yardstick.login_bindings.kind is
'bound (always this organization) or trusted (chooses one for each transaction).';
comment on column yardstick.login_bindings.created_at is 'When it was bound.';


-- Whoever reads the key can forge the context: no grant to anybody.
create table yardstick.context_keys (
    id         integer     not null default 1,
    inner_key  bytea       not null,
    outer_key  bytea       not null,
    created_at timestamptz not null default now(),

    constraint context_keys_pkey primary key (id),
    constraint context_keys_are_one_row check (id = 1),
    constraint context_keys_fill_a_block check (octet_length(inner_key) = 64 and octet_length(outer_key) = 64)
);

comment on table yardstick.context_keys is
'The one row with the key that stamps of the tenant context are signed with.';
comment on column yardstick.context_keys.id is 'Always 1.';
comment on column yardstick.context_keys.inner_key is 'Key of HMAC-SHA256, combined with the inner pad (64 bytes).';
comment on column yardstick.context_keys.outer_key is 'Key of HMAC-SHA256, combined with the outer pad (64 bytes).';
comment on column yardstick.context_keys.created_at is 'When the key was made.';


create table yardstick.code_files (
    path         text        not null,
    sha256       text        not null,
    object_names text[]      not null,
    live_sha256  text        not null,
    loaded_at    timestamptz not null default clock_timestamp(),

    constraint code_files_pkey primary key (path)
);

comment on table yardstick.code_files is 'One row per file of code that the last deploy loaded.';
comment on column yardstick.code_files.path is 'Path of the file in the repository.';
comment on column yardstick.code_files.sha256 is 'SHA-256 of its text in hexadecimal.';
comment on column yardstick.code_files.object_names is 'Objects it makes, as the catalog names them.';
comment on column yardstick.code_files.live_sha256 is 'SHA-256 of those objects as the catalog shows them.';
comment on column yardstick.code_files.loaded_at is 'When it was loaded.';

grant select on yardstick.code_files to yardstick_engine_role;
