-- A calculation that began by the former calendar of an organization may commit after it: that a calendar changed is kept until none is at
-- work that could have.
-- depends: 0031.find_snapshot_work
set local role yardstick_owner;

-- squawk-ignore ban-drop-constraint, constraint-missing-not-valid
alter table yardstick.metric_refreshes drop constraint refreshes_frequency_is_known, add constraint refreshes_frequency_is_known check (
    refresh_frequency in ('real_time', 'hourly', 'daily', 'weekly', 'monthly', 'day_closed', 'history_read', 'watermark', 'calendar')
);
comment on column yardstick.metric_refreshes.refresh_frequency is
'Frequency of the metrics meant; day_closed: the days that have ended; history_read: the first rows of a source that was empty; '
'watermark: the rows of a source with a watermark column; calendar: when the calendar changed, until what was calculated by the '
'former one has been removed.';
