-- Percentiles, distinct counts, firsts and lasts cannot be made of sums, and metrics made of metrics wait in a queue of their own.
-- depends: 0013.create_snapshot_work
set local role yardstick_owner;

-- A few rows for each metric: the locks last no longer than the statements.
alter table yardstick.metric_measures
add column state_kind text not null default 'sums',
-- squawk-ignore constraint-missing-not-valid
add constraint measures_state_is_known check (state_kind in ('sums', 'ends', 'list', 'distinct'));
-- squawk-ignore ban-drop-constraint
alter table yardstick.metric_measures drop constraint measures_are_known_once;
alter table yardstick.metric_measures
-- squawk-ignore constraint-missing-not-valid, disallowed-unique-constraint
add constraint measures_are_known_once unique nulls not distinct (
    organization_id, source_id, state_kind, measure_key, filter, expression
);

comment on column yardstick.metric_measures.id is
'Identifier: md5 of organization_id, source_id, measure_key, filter and expression, with state_kind where it is not sums.';
comment on column yardstick.metric_measures.state_kind is
'What is kept of each day: sums (count, sum, minimum, maximum), ends (first and last value), list (all values) or distinct (which ones).';

-- Beside the sums, since most measures need none of this and would pay for the wider row.
create table yardstick.metric_details (
    organization_id uuid   not null,
    series_id       bigint not null,
    period_start    date   not null,
    row_count       bigint not null,
    first_at        timestamptz,
    first_value     numeric,
    last_at         timestamptz,
    last_value      numeric,
    value_list      numeric[],
    key_list        uuid[],

    constraint metric_details_pkey primary key (organization_id, series_id, period_start),
    constraint details_count_rows check (row_count >= 0),
    constraint details_hold_numbers check (
        first_value > '-Infinity' and first_value < 'Infinity'
        and last_value > '-Infinity' and last_value < 'Infinity'
        and array_position(value_list, 'NaN') is null
        and array_position(value_list, 'Infinity') is null
        and array_position(value_list, '-Infinity') is null
    )
) partition by range (period_start);

comment on table yardstick.metric_details is
'One row per series and day of a measure that sums cannot make: the first and last value, all values, or which values there were.';
comment on column yardstick.metric_details.organization_id is 'Organization of the series.';
comment on column yardstick.metric_details.series_id is 'Series it is a state of.';
comment on column yardstick.metric_details.period_start is 'Day on the organization''s calendar.';
comment on column yardstick.metric_details.row_count is 'Rows that pass the filter and have a value.';
comment on column yardstick.metric_details.first_at is 'Time of the first of them; null: ends are not kept.';
comment on column yardstick.metric_details.first_value is
'Value at that time, the smallest where there are several; null: ends are not kept.';
comment on column yardstick.metric_details.last_at is 'Time of the last of them; null: ends are not kept.';
comment on column yardstick.metric_details.last_value is
'Value at that time, the largest where there are several; null: ends are not kept.';
comment on column yardstick.metric_details.value_list is 'All their values in order; null: they are not kept.';
comment on column yardstick.metric_details.key_list is
'One md5 for each different value; null: different values are not counted.';

alter table yardstick.metric_details enable row level security;
alter table yardstick.metric_details force row level security;
create policy tenant on yardstick.metric_details for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));
create policy engine on yardstick.metric_details for all to yardstick_engine_role using (true) with check (true);
grant select, insert, update, delete on yardstick.metric_details to yardstick_engine_role;

-- Append-only, without key or index, like metric_dirty: whoever changes a value pays for telling those that are made of it.
create table yardstick.metric_pending (
    organization_id uuid        not null,
    metric_id       uuid        not null,
    period_type     smallint    not null,
    period_start    date        not null,
    added_at        timestamptz not null default clock_timestamp(),

    constraint pending_period_type_is_known check (period_type between 1 and 5)
);

comment on table yardstick.metric_pending is
'One row per period of a metric without measures (made of other metrics, a query or a function) that has to be valued again.';
comment on column yardstick.metric_pending.organization_id is 'Organization to value it for.';
comment on column yardstick.metric_pending.metric_id is 'Metric to value.';
comment on column yardstick.metric_pending.period_type is
'Length of the period: 1 day, 2 week, 3 month, 4 quarter, 5 year.';
comment on column yardstick.metric_pending.period_start is 'First day of the period on the organization''s calendar.';
comment on column yardstick.metric_pending.added_at is 'When it was written down.';

alter table yardstick.metric_pending enable row level security;
alter table yardstick.metric_pending force row level security;
create policy tenant on yardstick.metric_pending for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));
create policy engine on yardstick.metric_pending for all to yardstick_engine_role using (true) with check (true);
grant select, insert, update, delete on yardstick.metric_pending to yardstick_engine_role;

create table yardstick.metric_clocks (
    organization_id uuid        not null,
    metric_id       uuid        not null,
    refreshed_to    timestamptz not null,

    constraint metric_clocks_pkey primary key (organization_id, metric_id)
);

comment on table yardstick.metric_clocks is
'One row per organization and metric made of a query or a function: how far it has been brought up to date.';
comment on column yardstick.metric_clocks.organization_id is 'Organization.';
comment on column yardstick.metric_clocks.metric_id is 'Metric.';
comment on column yardstick.metric_clocks.refreshed_to is 'Boundary of the organization''s clock that was last served.';

alter table yardstick.metric_clocks enable row level security;
alter table yardstick.metric_clocks force row level security;
create policy tenant on yardstick.metric_clocks for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));
create policy engine on yardstick.metric_clocks for all to yardstick_engine_role using (true) with check (true);
grant select, insert, update, delete on yardstick.metric_clocks to yardstick_engine_role;
