-- A metric remembers the columns it was compiled against, so that one that goes or changes its type is noticed and said.
-- depends: 0015.create_sandbox
set local role yardstick_owner;
set local lock_timeout = '5s';

alter table yardstick.metric_definitions
add column known_columns jsonb
constraint definitions_know_columns_by_source check (jsonb_typeof(known_columns) = 'object'),
add column drifted_at timestamptz,
add column drift_reason text
constraint definitions_say_why_they_drifted check ((drifted_at is null) = (drift_reason is null));

comment on column yardstick.metric_definitions.known_columns is
'Columns it reads, by source, with the types they were offered as when it was compiled; null: not looked at yet.';
comment on column yardstick.metric_definitions.drifted_at is
'When a column it reads was found gone or changed; null: all are as it knows them.';
comment on column yardstick.metric_definitions.drift_reason is
'What is gone or changed, and the way out; null: nothing.';
