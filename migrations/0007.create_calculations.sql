-- Results are kept as evidence, keyed in the order they are looked up and by year, so that old years leave whole.
-- depends: 0006.create_series
set local role yardstick_owner;

-- No other index than the key, and no foreign keys: recalculation rewrites rows here more than anything reads them.
create table yardstick.metric_calculations (
    organization_id       uuid        not null,
    metric_id             uuid        not null,
    aggregation_id        uuid        not null,
    period_start          timestamptz not null,
    period_end            timestamptz not null,
    aggregation_level     text        not null,
    time_window           text        not null,
    metric_version        integer     not null,
    calculation_timestamp timestamptz not null,
    created_at            timestamptz not null default now(),
    metric_value          numeric(15, 4),
    previous_value        numeric(15, 4),
    change_percentage     numeric(20, 2),
    target_value          numeric(15, 4),
    variance_from_target  numeric(15, 4),
    percentile_rank       integer,
    calculation_status    text        not null default 'success',
    calculation_notes     text,
    error_code            text,
    data_quality_score    numeric(3, 2),
    sample_size           integer,
    confidence_interval   numrange,
    dimensions            jsonb,
    metadata              jsonb,
    id                    uuid        generated always as (
        md5(
            organization_id::text || metric_id::text || aggregation_level || aggregation_id::text || time_window
            || extract(epoch from (period_end at time zone 'UTC'))::text || '/'
            || extract(epoch from (period_start at time zone 'UTC'))::text
        )::uuid
    ) stored,

    constraint metric_calculations_pkey primary key (
        organization_id, metric_id, aggregation_level, aggregation_id, time_window, period_end, period_start
    ),
    constraint calculations_level_is_known check (aggregation_level in ('org', 'dept', 'team', 'user')),
    constraint calculations_window_is_known check (time_window in ('daily', 'weekly', 'monthly', 'quarterly', 'annual')),
    constraint calculations_status_is_known check (calculation_status in ('success', 'warning', 'error')),
    constraint calculations_without_value_say_so check (
        metric_value is not null or calculation_status in ('warning', 'error')
    ),
    constraint valid_period check (period_start <= period_end),
    constraint valid_dimensions check (jsonb_typeof(dimensions) = 'object'),
    constraint valid_metadata check (jsonb_typeof(metadata) = 'object'),
    constraint calculations_rank_in_percent check (percentile_rank between 0 and 100),
    constraint calculations_quality_is_a_share check (data_quality_score between 0 and 1),
    constraint calculations_count_samples check (sample_size >= 0),
    constraint calculations_hold_numbers check (
        metric_value <> 'NaN'
        and previous_value <> 'NaN'
        and change_percentage <> 'NaN'
        and target_value <> 'NaN'
        and variance_from_target <> 'NaN'
        and data_quality_score <> 'NaN'
        and lower(confidence_interval) <> 'NaN' and upper(confidence_interval) <> 'NaN'
    )
) partition by range (period_end);

comment on table yardstick.metric_calculations is
'One row per metric, scope, window and period: its value, or why it has none.';
comment on column yardstick.metric_calculations.organization_id is 'Organization.';
comment on column yardstick.metric_calculations.metric_id is 'Metric.';
comment on column yardstick.metric_calculations.aggregation_id is
'Organization, department, team or user the value is of.';
comment on column yardstick.metric_calculations.period_start is
'First instant of the period, midnight on the organization''s clock.';
comment on column yardstick.metric_calculations.period_end is 'First instant after the period.';
comment on column yardstick.metric_calculations.aggregation_level is 'Level of the scope: org, dept, team or user.';
comment on column yardstick.metric_calculations.time_window is
'Length of the period: daily, weekly, monthly, quarterly or annual.';
comment on column yardstick.metric_calculations.metric_version is 'Version of the definition it was calculated by.';
comment on column yardstick.metric_calculations.calculation_timestamp is 'When it was calculated.';
comment on column yardstick.metric_calculations.created_at is 'When the row was first written.';
comment on column yardstick.metric_calculations.metric_value is
'Value in the metric''s unit; null: there is none, see calculation_status and calculation_notes.';
comment on column yardstick.metric_calculations.previous_value is 'Value of the preceding period; null: there is none.';
comment on column yardstick.metric_calculations.change_percentage is
'100 (value - previous) / |previous|, in percent; null when the previous value is 0 or missing.';
comment on column yardstick.metric_calculations.target_value is 'Target at the time of calculation; null: none.';
comment on column yardstick.metric_calculations.variance_from_target is
'Value minus target, or distance to the nearer bound of the range (0 inside); null: no target or value.';
comment on column yardstick.metric_calculations.percentile_rank is
'Rank among peers of the same level, 0 to 100; null below two peers.';
comment on column yardstick.metric_calculations.calculation_status is
'success, warning (no value, or one with a note) or error.';
comment on column yardstick.metric_calculations.calculation_notes is 'What went wrong or is remarkable; null: nothing.';
comment on column yardstick.metric_calculations.error_code is
'SQLSTATE when calculation_status is error; null otherwise.';
comment on column yardstick.metric_calculations.data_quality_score is
'Completeness x validity x timeliness, 0 to 1; null: not judged.';
comment on column yardstick.metric_calculations.sample_size is 'Source rows the value rests on; null: not counted.';
comment on column yardstick.metric_calculations.confidence_interval is
'95 % confidence interval of the value; null: none for this kind of metric.';
comment on column yardstick.metric_calculations.dimensions is 'Further dimensions of the value; null: none.';
comment on column yardstick.metric_calculations.metadata is
'Facts on the calculation, such as is_complete; null: none.';
comment on column yardstick.metric_calculations.id is
'Identifier made from the key, the same each time the same value is calculated; not indexed.';

alter table yardstick.metric_calculations enable row level security;
alter table yardstick.metric_calculations force row level security;
create policy tenant on yardstick.metric_calculations for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));
create policy engine on yardstick.metric_calculations for all to yardstick_engine_role using (true) with check (true);
grant select, insert, update, delete on yardstick.metric_calculations to yardstick_engine_role;

create table yardstick.metric_snapshots (
    organization_id             uuid        not null,
    metric_id                   uuid        not null,
    aggregation_id              uuid        not null,
    aggregation_level           text        not null,
    snapshot_type               text        not null,
    snapshot_date               date        not null,
    metric_value                numeric(15, 4),
    min_value                   numeric(15, 4),
    max_value                   numeric(15, 4),
    avg_value                   numeric(15, 4),
    std_deviation               numeric(15, 4),
    sample_count                integer,
    percentile_25               numeric(15, 4),
    percentile_50               numeric(15, 4),
    percentile_75               numeric(15, 4),
    percentile_95               numeric(15, 4),
    trend                       text,
    year_over_year_change       numeric(20, 2),
    quarter_over_quarter_change numeric(20, 2),
    month_over_month_change     numeric(20, 2),
    created_at                  timestamptz not null default now(),
    id                          uuid        generated always as (
        md5(
            organization_id::text || metric_id::text || aggregation_level || aggregation_id::text || snapshot_type
            || (snapshot_date - date '1970-01-01')::text
        )::uuid
    ) stored,

    constraint metric_snapshots_pkey primary key (
        organization_id, metric_id, aggregation_level, aggregation_id, snapshot_type, snapshot_date
    ),
    constraint snapshots_level_is_known check (aggregation_level in ('org', 'dept', 'team', 'user')),
    constraint snapshots_type_is_known check (snapshot_type in ('daily', 'weekly', 'monthly', 'quarterly', 'annual')),
    constraint snapshots_trend_is_known check (trend in ('improving', 'stable', 'declining')),
    constraint snapshots_count_samples check (sample_count >= 0),
    constraint snapshots_hold_numbers check (
        metric_value <> 'NaN'
        and min_value <> 'NaN'
        and max_value <> 'NaN'
        and avg_value <> 'NaN'
        and std_deviation <> 'NaN'
        and percentile_25 <> 'NaN'
        and percentile_50 <> 'NaN'
        and percentile_75 <> 'NaN'
        and percentile_95 <> 'NaN'
        and year_over_year_change <> 'NaN'
        and quarter_over_quarter_change <> 'NaN'
        and month_over_month_change <> 'NaN'
    )
) partition by range (snapshot_date);

create index idx_metric_snapshots_date on yardstick.metric_snapshots (organization_id, metric_id, snapshot_date desc);
create index idx_metric_snapshots_trend
on yardstick.metric_snapshots (organization_id, metric_id, trend)
where trend in ('improving', 'declining');

comment on table yardstick.metric_snapshots is
'One row per metric, scope, snapshot type and date: the value of that window with its spread, changes and trend.';
comment on column yardstick.metric_snapshots.organization_id is 'Organization.';
comment on column yardstick.metric_snapshots.metric_id is 'Metric.';
comment on column yardstick.metric_snapshots.aggregation_id is
'Organization, department, team or user the snapshot is of.';
comment on column yardstick.metric_snapshots.aggregation_level is 'Level of the scope: org, dept, team or user.';
comment on column yardstick.metric_snapshots.snapshot_type is
'Window it closes: daily, weekly, monthly, quarterly or annual.';
comment on column yardstick.metric_snapshots.snapshot_date is 'Last day of the window on the organization''s calendar.';
comment on column yardstick.metric_snapshots.metric_value is
'Value of the window itself, in the metric''s unit; null: there is none.';
comment on column yardstick.metric_snapshots.min_value is
'Smallest value of the finest windows inside; null: none has a value.';
comment on column yardstick.metric_snapshots.max_value is
'Largest value of the finest windows inside; null: none has a value.';
comment on column yardstick.metric_snapshots.avg_value is
'Mean of the values of the finest windows inside; null: none has a value.';
comment on column yardstick.metric_snapshots.std_deviation is
'Standard deviation (of a sample) of the values of the finest windows inside; null below two.';
comment on column yardstick.metric_snapshots.sample_count is 'Values of finest windows inside; null: not counted.';
comment on column yardstick.metric_snapshots.percentile_25 is
'First quartile of the values of the finest windows inside; null: none has a value.';
comment on column yardstick.metric_snapshots.percentile_50 is
'Median of the values of the finest windows inside; null: none has a value.';
comment on column yardstick.metric_snapshots.percentile_75 is
'Third quartile of the values of the finest windows inside; null: none has a value.';
comment on column yardstick.metric_snapshots.percentile_95 is
'95th percentile of the values of the finest windows inside; null: none has a value.';
comment on column yardstick.metric_snapshots.trend is
'improving, stable or declining, by the metric''s direction; null: too few values, or no direction.';
comment on column yardstick.metric_snapshots.year_over_year_change is
'Change against the same window a year before, in percent; null when that is 0 or missing.';
comment on column yardstick.metric_snapshots.quarter_over_quarter_change is
'Change against the same window a quarter before, in percent; null when that is 0 or missing.';
comment on column yardstick.metric_snapshots.month_over_month_change is
'Change against the same window a month before, in percent; null when that is 0 or missing.';
comment on column yardstick.metric_snapshots.created_at is 'When the row was first written.';
comment on column yardstick.metric_snapshots.id is
'Identifier made from the key, the same each time the same snapshot is taken; not indexed.';

alter table yardstick.metric_snapshots enable row level security;
alter table yardstick.metric_snapshots force row level security;
create policy tenant on yardstick.metric_snapshots for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));
create policy engine on yardstick.metric_snapshots for all to yardstick_engine_role using (true) with check (true);
grant select, insert, update, delete on yardstick.metric_snapshots to yardstick_engine_role;
