-- Percentiles and distinct counts of many rows can be kept as estimates, which take as much room however many rows there are.
-- depends: 0025.create_failures
set local role yardstick_owner;

-- A few rows for each metric: the locks last no longer than the statements.
-- squawk-ignore ban-drop-constraint
alter table yardstick.metric_measures drop constraint measures_state_is_known;
alter table yardstick.metric_measures
-- squawk-ignore constraint-missing-not-valid
add constraint measures_state_is_known check (state_kind in ('sums', 'ends', 'list', 'distinct', 'digest', 'registers'));
comment on column yardstick.metric_measures.state_kind is
'What is kept of each day: sums (count, sum, minimum, maximum), ends (first and last value), list (all values), distinct (which ones), '
'digest (all values, or a t-digest of them) or registers (which ones, or a HyperLogLog of them).';

-- In types of the server: the extensions that make and read them may be dropped.
alter table yardstick.metric_details
add column centroids float8[],
add column registers bytea;
comment on column yardstick.metric_details.centroids is
't-digest of the values in place of their list: the means of its centroids in order, then as many weights; null: there is none.';
comment on column yardstick.metric_details.registers is
'HyperLogLog of the different values in place of their keys, as the extension hll writes it; null: there is none.';
