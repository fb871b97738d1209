-- A metric that keeps failing waits longer each time, and in the end until somebody looks at it.
-- depends: 0024.keep_as_long_as_asked
set local role yardstick_owner;

create table yardstick.metric_failures (
    id              uuid        not null default yardstick.next_id(),
    organization_id uuid,
    metric_id       uuid        not null,
    failure_count   integer     not null,
    error_code      text        not null,
    error_message   text        not null,
    first_failed_at timestamptz not null,
    last_failed_at  timestamptz not null,
    retry_at        timestamptz not null,
    tried_at        timestamptz,
    quarantined_at  timestamptz,

    constraint metric_failures_pkey primary key (id),
    constraint metrics_fail_once_an_organization unique nulls not distinct (organization_id, metric_id),
    constraint failures_are_counted check (failure_count >= 0)
);

comment on table yardstick.metric_failures is
'One row per metric that could not be calculated the last time, for one organization or for all; gone with the next success.';
comment on column yardstick.metric_failures.id is 'Identifier.';
comment on column yardstick.metric_failures.organization_id is
'Organization for which it fails; null: for all, since its source is read for all at once.';
comment on column yardstick.metric_failures.metric_id is 'Metric.';
comment on column yardstick.metric_failures.failure_count is
'Runs in a row that failed; those that only met a lock or a conflict with another session do not count.';
comment on column yardstick.metric_failures.error_code is 'SQLSTATE of the last failure.';
comment on column yardstick.metric_failures.error_message is 'What failed.';
comment on column yardstick.metric_failures.first_failed_at is 'As of when it failed first.';
comment on column yardstick.metric_failures.last_failed_at is 'As of when it failed last.';
comment on column yardstick.metric_failures.retry_at is 'Before this it is left out of what is calculated.';
comment on column yardstick.metric_failures.tried_at is 'As of when its history was last queued to try again; null: not yet.';
comment on column yardstick.metric_failures.quarantined_at is 'As of when it is not tried again until it is released; null: it is.';

alter table yardstick.metric_failures enable row level security;
alter table yardstick.metric_failures force row level security;
