-- What a metric's retention_days lets go is removed, but never what a legal hold keeps, and never comes back half.
-- depends: 0023.explain_columns
set local role yardstick_owner;

-- Nothing of ours takes it for a number that is always there.
-- squawk-ignore ban-drop-not-null
alter table yardstick.metric_definitions alter column retention_days drop not null;
comment on column yardstick.metric_definitions.retention_days is
'Days its values are kept after their period, at least; null: they are kept for good.';

-- No foreign keys: what a hold was on may go, and that it was held stays.
create table yardstick.legal_holds (
    id              uuid        not null default yardstick.next_id(),
    organization_id uuid,
    metric_id       uuid,
    reason          text        not null,
    hold_until      date,
    set_at          timestamptz not null default clock_timestamp(),
    set_login       text        not null default session_user,
    set_by          uuid,
    released_at     timestamptz,
    released_login  text,
    released_by     uuid,
    release_reason  text,

    constraint legal_holds_pkey primary key (id),
    constraint holds_say_why check (btrim(reason) <> ''),
    constraint holds_are_released_with_reason check (
        num_nonnulls(released_at, released_login, release_reason) in (0, 3) and btrim(release_reason) <> ''
    )
);

comment on table yardstick.legal_holds is 'One row per order to remove nothing: of a metric, of an organization, or of all.';
comment on column yardstick.legal_holds.id is 'Identifier.';
comment on column yardstick.legal_holds.organization_id is 'Organization whose values are held; null: of every one.';
comment on column yardstick.legal_holds.metric_id is
'Metric whose values are held, with those of the metrics it is made of; null: of every one.';
comment on column yardstick.legal_holds.reason is 'Why.';
comment on column yardstick.legal_holds.hold_until is 'Last day of the hold, in UTC; null: until it is released.';
comment on column yardstick.legal_holds.set_at is 'When it was set.';
comment on column yardstick.legal_holds.set_login is 'Login of the database that set it.';
comment on column yardstick.legal_holds.set_by is 'Person for whom that login worked; null: nobody was named.';
comment on column yardstick.legal_holds.released_at is 'When it was released; null: it was not.';
comment on column yardstick.legal_holds.released_login is 'Login of the database that released it; null: it was not.';
comment on column yardstick.legal_holds.released_by is 'Person for whom that login worked; null: nobody was named.';
comment on column yardstick.legal_holds.release_reason is 'Why it was released; null: it was not.';

alter table yardstick.legal_holds enable row level security;
alter table yardstick.legal_holds force row level security;
create policy tenant on yardstick.legal_holds for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));
create policy platform on yardstick.legal_holds for select to yardstick_owner using (organization_id is null);
create policy engine on yardstick.legal_holds for all to yardstick_engine_role using (true) with check (true);
grant select, insert, update on yardstick.legal_holds to yardstick_engine_role;

create table yardstick.retention_marks (
    organization_id uuid        not null,
    metric_id       uuid        not null,
    kept_from       date        not null,
    days_kept_from  date        not null,
    set_at          timestamptz not null default clock_timestamp(),

    constraint retention_marks_pkey primary key (organization_id, metric_id),
    constraint marks_keep_days_of_their_weeks check (days_kept_from between kept_from - 6 and kept_from)
);

comment on table yardstick.retention_marks is
'One row per metric and organization that retention has removed values of: nothing before it is calculated again.';
comment on column yardstick.retention_marks.organization_id is 'Organization.';
comment on column yardstick.retention_marks.metric_id is 'Metric.';
comment on column yardstick.retention_marks.kept_from is
'First date of the organization''s calendar that is kept: months, quarters and years that end before it are removed.';
comment on column yardstick.retention_marks.days_kept_from is
'The same for days and weeks: the start of the week that holds kept_from, where the metric has weeks.';
comment on column yardstick.retention_marks.set_at is 'When it last moved.';

alter table yardstick.retention_marks enable row level security;
alter table yardstick.retention_marks force row level security;
create policy tenant on yardstick.retention_marks for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));
create policy engine on yardstick.retention_marks for all to yardstick_engine_role using (true) with check (true);
grant select, insert, update, delete on yardstick.retention_marks to yardstick_engine_role;

-- So far retention_days was stored, as 730 where nobody gave it, and not acted on. What stands is not removed before somebody has
-- looked at it.
set local role yardstick_engine_role;
insert into yardstick.legal_holds (reason)
select 'set by the upgrade: retention_days was not acted on before; look at yardstick_ops.retention, then release it'
where exists (select from yardstick.metric_definitions);
