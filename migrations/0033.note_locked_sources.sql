-- A source that its host keeps locked is not waited for: that an organization has to be looked for in it is kept until it can be.
-- depends: 0032.note_calendar_changes
set local role yardstick_owner;

-- squawk-ignore ban-drop-constraint, constraint-missing-not-valid
alter table yardstick.metric_refreshes drop constraint refreshes_frequency_is_known, add constraint refreshes_frequency_is_known check (
    refresh_frequency in (
        'real_time', 'hourly', 'daily', 'weekly', 'monthly', 'day_closed', 'history_read', 'watermark', 'calendar', 'calendar_locked',
        'org_move_locked'
    )
);
comment on column yardstick.metric_refreshes.refresh_frequency is
'Frequency of the metrics meant; day_closed: the days that have ended; history_read: the first rows of a source that was empty; '
'watermark: the rows of a source with a watermark column; calendar: when the calendar changed, until what was calculated by the '
'former one has been removed; calendar_locked, org_move_locked: when the calendar, or the tree of departments, changed while the '
'source was locked, until the organization has been looked for in it.';

-- Few among the thousands, and looked for at every tick.
-- squawk-ignore require-concurrent-index-creation
create index refreshes_that_wait on yardstick.metric_refreshes (source_id, organization_id)
where refresh_frequency in ('calendar', 'calendar_locked', 'org_move_locked');
