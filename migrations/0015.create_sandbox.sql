-- Whole SELECTs and functions of the host run in a session of their own, where they can do no harm.
-- depends: 0014.extend_measures

-- Roles belong to the cluster, so another database may have made it, or be making it now. Its limits are set by the deploy.
do $roles$
begin
    if to_regrole('yardstick_formula_login') is null then
        execute 'create role yardstick_formula_login login';
    end if;
exception when duplicate_object or unique_violation then
    null;
end
$roles$;

grant usage on schema yardstick to yardstick_formula;
grant usage on schema yardstick_engine to yardstick_formula_login, yardstick_reader;

set local role yardstick_owner;

create table yardstick.metric_functions (
    id              uuid        not null default yardstick.next_id(),
    organization_id uuid,
    function_name   text        not null,
    routine         text        not null,
    created_by      uuid,
    created_at      timestamptz not null default now(),
    is_active       boolean     not null default true,

    constraint metric_functions_pkey primary key (id),
    constraint functions_are_named_once unique nulls not distinct (organization_id, function_name),
    constraint functions_have_a_name check (function_name <> ''),
    constraint metric_functions_organization_id_fkey
    foreign key (organization_id) references yardstick.organizations (id),
    constraint metric_functions_created_by_fkey foreign key (created_by) references yardstick.users (id)
);

create index metric_functions_created_by_idx on yardstick.metric_functions (created_by);

comment on table yardstick.metric_functions is 'One row per function of the host that metrics may be calculated by.';
comment on column yardstick.metric_functions.id is 'Identifier.';
comment on column yardstick.metric_functions.organization_id is
'Organization it was registered for; null: every organization may use it.';
comment on column yardstick.metric_functions.function_name is 'Name that definitions use.';
comment on column yardstick.metric_functions.routine is 'The function: quoted schema, dot, quoted name.';
comment on column yardstick.metric_functions.created_by is 'User who registered it; null: a DBA.';
comment on column yardstick.metric_functions.created_at is 'When it was registered.';
comment on column yardstick.metric_functions.is_active is 'False: no longer called.';

alter table yardstick.metric_functions enable row level security;
alter table yardstick.metric_functions force row level security;
create policy tenant on yardstick.metric_functions for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));
create policy platform on yardstick.metric_functions for select to yardstick_owner using (organization_id is null);
create policy engine on yardstick.metric_functions for all to yardstick_engine_role using (true) with check (true);
grant select, insert, update, delete on yardstick.metric_functions to yardstick_engine_role;

-- Work rows that come and go: one that is still here when its metric is due again tells of a run that never came back.
create table yardstick.sandbox_attempts (
    organization_id uuid        not null,
    metric_id       uuid        not null,
    metric_version  integer     not null,
    started_at      timestamptz not null default clock_timestamp(),

    constraint sandbox_attempts_pkey primary key (organization_id, metric_id)
);

comment on table yardstick.sandbox_attempts is
'One row per organization and metric whose query was begun, in a session without limits of its own, and has not come back.';
comment on column yardstick.sandbox_attempts.organization_id is 'Organization.';
comment on column yardstick.sandbox_attempts.metric_id is 'Metric.';
comment on column yardstick.sandbox_attempts.metric_version is 'Version of the definition that was run.';
comment on column yardstick.sandbox_attempts.started_at is 'When it was begun.';

alter table yardstick.sandbox_attempts enable row level security;
alter table yardstick.sandbox_attempts force row level security;
create policy tenant on yardstick.sandbox_attempts for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));
create policy engine on yardstick.sandbox_attempts for all to yardstick_engine_role using (true) with check (true);
grant select, insert, update, delete on yardstick.sandbox_attempts to yardstick_engine_role;

alter table yardstick.job_home add column socket_folder text;
comment on column yardstick.job_home.socket_folder is
'Folder of the socket through which a session of the server reaches the server again; null: it listens on none.';
