-- These columns are filled now: their comments say by what rule.
-- depends: 0022.note_changes
set local role yardstick_owner;

comment on column yardstick.metric_calculations.percentile_rank is
'Share of the other peers (same metric, level, window and period in the organization) that lie below, in whole percent: 100 '
'(rank - 1) / (peers - 1), percent_rank of the SQL standard, so that equal values share the lower rank; null: no value, or '
'below two peers.';
comment on column yardstick.metric_calculations.data_quality_score is
'Completeness x validity x timeliness, 0 to 1, the parts stand in metadata; null: no finest period inside has ended, or none '
'of them has rows.';
comment on column yardstick.metric_calculations.confidence_interval is
'95 % confidence interval of the value, bounds included: Student''s t for a mean, Wilson''s score interval for a share of '
'counted rows, the exact Poisson interval (Garwood) for a count; null: none for this kind of metric, or a mean of one row.';
comment on column yardstick.metric_calculations.metadata is
'is_complete: the period has ended. Of the finest periods inside that have ended: completeness, the share that has rows; '
'validity, the share of these that has a value; timeliness, the share up to the last that has rows. unread_dates: days whose '
'rows could not be read. Null: none of it.';
