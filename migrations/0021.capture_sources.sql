-- Registered tables are captured: what changed is noted by triggers, and where noting failed the source is read again.
-- depends: 0020.note_costs
set local role yardstick_owner;
set local lock_timeout = '5s';

alter table yardstick.metric_sources
add column capture_mark jsonb
constraint sources_know_their_triggers check (jsonb_typeof(capture_mark) = 'object');

comment on column yardstick.metric_sources.capture_mark is
'Triggers and partitions of its table as they were when all of it had been queued for reading; null: changes are not noted.';

-- A writer asks at each statement which sources its table is.
-- squawk-ignore require-concurrent-index-creation
create index metric_sources_relation_idx on yardstick.metric_sources (relation);

-- Appended to by whoever writes to a source, so that no writer waits for another.
create table yardstick.capture_gaps (
    id            uuid        not null default yardstick.next_id(),
    source_id     uuid        not null,
    cause         text        not null,
    error_code    text,
    error_message text,
    added_at      timestamptz not null default clock_timestamp(),
    taken_at      timestamptz,

    constraint capture_gaps_pkey primary key (id),
    constraint gaps_name_their_cause check (cause in ('truncate', 'failure')),
    constraint gaps_of_failures_say_why check ((cause = 'failure') = (error_code is not null))
);

comment on table yardstick.capture_gaps is
'One row per statement that changed a captured source and whose days could not be noted: all of the source is read again.';
comment on column yardstick.capture_gaps.id is 'Identifier.';
comment on column yardstick.capture_gaps.source_id is 'Source whose rows changed.';
comment on column yardstick.capture_gaps.cause is 'truncate (the rows went all at once) or failure.';
comment on column yardstick.capture_gaps.error_code is 'SQLSTATE of the failure; null: none.';
comment on column yardstick.capture_gaps.error_message is 'What failed; null: nothing did.';
comment on column yardstick.capture_gaps.added_at is 'When it was written down.';
comment on column yardstick.capture_gaps.taken_at is 'When the source was queued because of it; null: not yet.';

grant select, insert, update, delete on yardstick.capture_gaps to yardstick_engine_role;
