-- What was still calculated by a former calendar is not looked for any more.
-- depends: 0031.find_snapshot_work
set local role yardstick_owner;

delete from yardstick.metric_refreshes as r where r.refresh_frequency = 'calendar';
alter table yardstick.metric_refreshes drop constraint refreshes_frequency_is_known, add constraint refreshes_frequency_is_known check (
    refresh_frequency in ('real_time', 'hourly', 'daily', 'weekly', 'monthly', 'day_closed', 'history_read', 'watermark')
);
comment on column yardstick.metric_refreshes.refresh_frequency is
'Frequency of the metrics meant; day_closed: the days that have ended; history_read: the first rows of a source that was empty; '
'watermark: the rows of a source with a watermark column.';
