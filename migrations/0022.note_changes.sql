-- What changed in a source is noted as instants and keys of the host, by a function made for that source: whose day it is, on which
-- calendar, is asked when it is calculated. A writer asks nothing, and what it commits late meets the calendar of then.
-- depends: 0021.capture_sources
do $$
declare
    held record;
begin
    set local lock_timeout = '5s';
    -- The deploy gives these tables their new triggers once its code is loaded.
    for held in
        select t.tgname, t.tgrelid::regclass as relation
        from pg_trigger as t
        where t.tgfoid = to_regproc('yardstick.capture_source') and t.tgparentid = 0
    loop
        execute format('drop trigger %I on %s', held.tgname, held.relation);
    end loop;
end $$;
-- squawk-ignore ban-drop-function
drop function if exists yardstick.capture_source();

set local role yardstick_engine_role;
update yardstick.metric_sources as s
set capture_mark = null
where s.capture_mark is not null;

set local role yardstick_owner;
set local lock_timeout = '5s';

-- The functions that note changes belong beside the tables: the code rooms are emptied now and then, triggers of the host stay.
grant create on schema yardstick to yardstick_engine_role;

-- Appended to by whoever writes to a source, without key or index. A row is kept whole where it lies: compressing or moving lists of a few
-- thousand bytes would cost more than writing them.
create table yardstick.source_changes (
    source_id         uuid          not null,
    is_instant        boolean       not null,
    organization_keys text[]        not null,
    measure_keys      text[]        not null,
    first_at          timestamptz[] not null,
    last_at           timestamptz[] not null,
    added_at          timestamptz   not null default clock_timestamp()
)
with (toast_tuple_target = 8160);
alter table yardstick.source_changes alter column organization_keys set storage external;
alter table yardstick.source_changes alter column measure_keys set storage external;
alter table yardstick.source_changes alter column first_at set storage external;
alter table yardstick.source_changes alter column last_at set storage external;

comment on table yardstick.source_changes is
'One row per statement that changed a captured source: organizations, keys and times of changed rows, lists in the same order; '
'taken in bulk, and turned into days of metric_dirty, before anything is calculated.';
comment on column yardstick.source_changes.source_id is 'Source whose rows changed.';
comment on column yardstick.source_changes.is_instant is
'Times are instants; false: times on the organization''s clock, written as if they were UTC.';
comment on column yardstick.source_changes.organization_keys is 'Organizations as the source names them.';
comment on column yardstick.source_changes.measure_keys is 'Values of the source''s key column; null: any key.';
comment on column yardstick.source_changes.first_at is 'Earliest time of changed rows within a day of UTC.';
comment on column yardstick.source_changes.last_at is 'Latest time of changed rows within the same day.';
comment on column yardstick.source_changes.added_at is 'When it was written down.';

alter table yardstick.source_changes enable row level security;
alter table yardstick.source_changes force row level security;
create policy engine on yardstick.source_changes for all to yardstick_engine_role using (true) with check (true);
grant select, insert, update, delete on yardstick.source_changes to yardstick_engine_role;

-- Organizations fall due one after the other: what one has been told of is not told to another.
-- squawk-ignore ban-drop-constraint
alter table yardstick.metric_refreshes drop constraint refreshes_frequency_is_known;
-- The table is small.
-- squawk-ignore constraint-missing-not-valid
alter table yardstick.metric_refreshes add constraint refreshes_frequency_is_known check (
    refresh_frequency in ('real_time', 'hourly', 'daily', 'weekly', 'monthly', 'day_closed', 'history_read', 'watermark')
);
comment on column yardstick.metric_refreshes.refresh_frequency is
'Frequency of the metrics meant; day_closed: the days that have ended; history_read: the first rows of a source that was empty; '
'watermark: the rows of a source with a watermark column.';
