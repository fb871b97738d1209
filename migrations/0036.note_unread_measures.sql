-- What no definition reads any more is removed after a while: since when is kept with the measure.
-- depends: 0035.postpone_weeks
set local role yardstick_owner;

alter table yardstick.metric_measures add column unread_since timestamptz;
comment on column yardstick.metric_measures.unread_since is
'When the job retention first found that no metric in use reads it; its states are removed 14 days later. Null: it is read.';
