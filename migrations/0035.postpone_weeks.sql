-- Whoever queues weeks that another session has queued and not committed waited for it without limit: now they are queued by the next tick.
-- depends: 0034.note_changed_values
set local role yardstick_owner;

-- Appended to, without key or index: nobody waits for anybody here.
create table yardstick.postponed_weeks (
    source_id   uuid        not null,
    measure_ids uuid[],
    from_date   date        not null,
    to_date     date        not null,
    added_at    timestamptz not null default clock_timestamp(),

    constraint postponed_weeks_end_after_they_begin check (from_date < to_date)
);

comment on table yardstick.postponed_weeks is
'One row per stretch of a source that could not be queued because another session had its weeks; the planner queues it as soon as it can.';
comment on column yardstick.postponed_weeks.source_id is 'Source to read.';
comment on column yardstick.postponed_weeks.measure_ids is 'Measures to be calculated wholly; null: only what is dirty.';
comment on column yardstick.postponed_weeks.from_date is 'First local date.';
comment on column yardstick.postponed_weeks.to_date is 'The date after the last.';
comment on column yardstick.postponed_weeks.added_at is 'When it was written down.';

grant select, insert, update, delete on yardstick.postponed_weeks to yardstick_engine_role;
