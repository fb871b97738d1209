-- The comments as they were.
-- depends: 0022.note_changes
set local role yardstick_owner;

comment on column yardstick.metric_calculations.percentile_rank is
'Rank among peers of the same level, 0 to 100; null below two peers.';
comment on column yardstick.metric_calculations.data_quality_score is
'Completeness x validity x timeliness, 0 to 1; null: not judged.';
comment on column yardstick.metric_calculations.confidence_interval is
'95 % confidence interval of the value; null: none for this kind of metric.';
comment on column yardstick.metric_calculations.metadata is
'Facts on the calculation, such as is_complete; null: none.';
