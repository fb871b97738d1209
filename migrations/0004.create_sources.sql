-- Metrics read registered relations only, and measures over the same relation share one scan of it.
-- depends: 0003.create_identity
set local role yardstick_owner;

create table yardstick.metric_sources (
    id                  uuid        not null default yardstick.next_id(),
    organization_id     uuid,
    source_name         text        not null,
    relation            text        not null,
    time_column         text        not null,
    organization_column text,
    department_column   text,
    team_column         text,
    user_column         text,
    key_column          text,
    row_filter          text,
    value_column        text,
    capture             boolean     not null default false,
    watermark_column    text,
    watermark_at        timestamptz,
    lookback            interval    not null default '7 days',
    is_active           boolean     not null default true,
    created_by          uuid,
    created_at          timestamptz not null default now(),
    updated_at          timestamptz not null default now(),

    constraint metric_sources_pkey primary key (id),
    constraint sources_are_named_once unique nulls not distinct (organization_id, source_name),
    constraint sources_have_a_name check (source_name <> ''),
    constraint sources_look_back_in_time check (lookback >= interval '0'),
    constraint metric_sources_organization_id_fkey
    foreign key (organization_id) references yardstick.organizations (id),
    constraint metric_sources_created_by_fkey foreign key (created_by) references yardstick.users (id)
);

create index metric_sources_created_by_idx on yardstick.metric_sources (created_by);

comment on table yardstick.metric_sources is 'One row per table or view that metrics may be calculated from.';
comment on column yardstick.metric_sources.id is 'Identifier.';
comment on column yardstick.metric_sources.organization_id is
'Organization it was registered for; null: rows of every organization stand in it.';
comment on column yardstick.metric_sources.source_name is 'Name that definitions use.';
comment on column yardstick.metric_sources.relation is 'The table or view: quoted schema, dot, quoted name.';
comment on column yardstick.metric_sources.time_column is
'Column (date or timestamptz) that says which period a row counts in.';
comment on column yardstick.metric_sources.organization_column is
'Column with the organization of a row, as our id or its external_id; null: all rows are of organization_id.';
comment on column yardstick.metric_sources.department_column is
'Column with the department of a row; null: rows are of no department.';
comment on column yardstick.metric_sources.team_column is 'Column with the team of a row; null: rows are of no team.';
comment on column yardstick.metric_sources.user_column is 'Column with the user of a row; null: rows are of no user.';
comment on column yardstick.metric_sources.key_column is
'Column whose value tells measures apart, as metric_name does in analytics_metrics; null: there is none.';
comment on column yardstick.metric_sources.row_filter is
'Condition every row has to meet, as SQL over the columns; null: all rows count.';
comment on column yardstick.metric_sources.value_column is
'Expression that measures without one of their own use; null: they count rows.';
comment on column yardstick.metric_sources.capture is 'True: triggers on the table write down which days change.';
comment on column yardstick.metric_sources.watermark_column is
'Column that grows with every change of a row, read when nothing is captured; null: look back instead.';
comment on column yardstick.metric_sources.watermark_at is
'Changes up to this time have been taken in; null before the first time.';
comment on column yardstick.metric_sources.lookback is
'How far back a source without capture or watermark is calculated again each time.';
comment on column yardstick.metric_sources.is_active is 'False: no longer read.';
comment on column yardstick.metric_sources.created_by is 'User who registered it; null: a DBA.';
comment on column yardstick.metric_sources.created_at is 'When it was registered.';
comment on column yardstick.metric_sources.updated_at is 'When the row last changed.';

alter table yardstick.metric_sources enable row level security;
alter table yardstick.metric_sources force row level security;
create policy tenant on yardstick.metric_sources for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));
create policy platform on yardstick.metric_sources for select to yardstick_owner using (organization_id is null);
create policy engine on yardstick.metric_sources for all to yardstick_engine_role using (true) with check (true);
grant select, insert, update, delete on yardstick.metric_sources to yardstick_engine_role;

create table yardstick.metric_measures (
    id              uuid        not null,
    organization_id uuid,
    source_id       uuid        not null,
    measure_key     text,
    filter          text,
    expression      text,
    created_at      timestamptz not null default now(),

    constraint metric_measures_pkey primary key (id),
    constraint measures_are_known_once unique nulls not distinct (
        organization_id, source_id, measure_key, filter, expression
    ),
    constraint measures_fit_their_key check (
        octet_length(measure_key) <= 200 and octet_length(filter) <= 1200 and octet_length(expression) <= 1200
    ),
    constraint metric_measures_organization_id_fkey
    foreign key (organization_id) references yardstick.organizations (id),
    constraint metric_measures_source_id_fkey foreign key (source_id) references yardstick.metric_sources (id)
);

create index metric_measures_source_id_idx on yardstick.metric_measures (source_id);

comment on table yardstick.metric_measures is
'One row per number that is aggregated from the rows of a source; metrics with the same measure share it.';
comment on column yardstick.metric_measures.id is
'Identifier: md5 of organization_id, source_id, measure_key, filter and expression.';
comment on column yardstick.metric_measures.organization_id is
'Organization it is calculated for; null: for all of them.';
comment on column yardstick.metric_measures.source_id is 'Source whose rows it aggregates.';
comment on column yardstick.metric_measures.measure_key is
'Only rows whose key column holds this count; null: rows of any key.';
comment on column yardstick.metric_measures.filter is
'Condition a row has to meet, as SQL over the columns; null: all rows count.';
comment on column yardstick.metric_measures.expression is
'What is aggregated, as SQL over the columns; null: rows are counted.';
comment on column yardstick.metric_measures.created_at is 'When it was first needed.';

alter table yardstick.metric_measures enable row level security;
alter table yardstick.metric_measures force row level security;
create policy tenant on yardstick.metric_measures for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));
create policy platform on yardstick.metric_measures for select to yardstick_owner using (organization_id is null);
create policy engine on yardstick.metric_measures for all to yardstick_engine_role using (true) with check (true);
grant select, insert, update, delete on yardstick.metric_measures to yardstick_engine_role;
