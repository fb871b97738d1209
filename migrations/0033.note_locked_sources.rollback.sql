-- What an organization has in a source that is locked now is not looked for any more: have such a source read again by refresh_source.
-- depends: 0032.note_calendar_changes
set local role yardstick_owner;

drop index yardstick.refreshes_that_wait;
delete from yardstick.metric_refreshes as r where r.refresh_frequency in ('calendar_locked', 'org_move_locked');
alter table yardstick.metric_refreshes drop constraint refreshes_frequency_is_known, add constraint refreshes_frequency_is_known check (
    refresh_frequency in ('real_time', 'hourly', 'daily', 'weekly', 'monthly', 'day_closed', 'history_read', 'watermark', 'calendar')
);
comment on column yardstick.metric_refreshes.refresh_frequency is
'Frequency of the metrics meant; day_closed: the days that have ended; history_read: the first rows of a source that was empty; '
'watermark: the rows of a source with a watermark column; calendar: when the calendar changed, until what was calculated by the '
'former one has been removed.';
