-- A DBA asks what a metric costs; the engine notes it while it works.
-- depends: 0019.keep_revisions
set local role yardstick_owner;

-- Append-only, without key or index: two workers never wait for each other here. Maintenance takes the rows and adds them up.
create table yardstick.calculation_costs (
    noted_at         timestamptz not null default clock_timestamp(),
    stage            text        not null,
    source_id        uuid,
    measure_ids      uuid[],
    metric_ids       uuid[],
    run_microseconds bigint      not null,
    row_count        bigint      not null default 0,
    error_count      integer     not null default 0,
    blocks_hit       bigint,
    blocks_read      bigint,

    constraint costs_stage_is_known check (stage in ('scan', 'merge', 'value', 'query')),
    constraint costs_are_of_something check (num_nonnulls(source_id, measure_ids, metric_ids) = 1),
    constraint costs_are_not_negative check (run_microseconds >= 0 and row_count >= 0 and error_count >= 0)
);

comment on table yardstick.calculation_costs is
'One row per statement that calculated, until its cost is added to metric_costs; written often, never changed, taken in bulk.';
comment on column yardstick.calculation_costs.noted_at is 'When it ended.';
comment on column yardstick.calculation_costs.stage is
'What was done: scan (rows to states), merge (states to longer periods), value (states to values) or query (queries and functions).';
comment on column yardstick.calculation_costs.source_id is
'Source of a slice that failed as a whole; null: the next two say whose cost it is.';
comment on column yardstick.calculation_costs.measure_ids is 'Measures that were scanned or merged; null: the others say.';
comment on column yardstick.calculation_costs.metric_ids is
'Metrics that were valued, one as often as it was; null: the others say.';
comment on column yardstick.calculation_costs.run_microseconds is 'How long it took.';
comment on column yardstick.calculation_costs.row_count is 'Rows it wrote, or cells it left to the next stage.';
comment on column yardstick.calculation_costs.error_count is 'How often it failed.';
comment on column yardstick.calculation_costs.blocks_hit is
'Blocks it found in shared buffers; null: not counted, the statement was small.';
comment on column yardstick.calculation_costs.blocks_read is
'Blocks it had to ask the system for; null: not counted, the statement was small.';

grant select, insert, update, delete on yardstick.calculation_costs to yardstick_engine_role;

create table yardstick.metric_costs (
    id               uuid    not null default yardstick.next_id(),
    organization_id  uuid,
    metric_id        uuid    not null,
    cost_date        date    not null,
    run_microseconds bigint  not null,
    row_count        bigint  not null,
    slice_count      bigint  not null,
    error_count      bigint  not null,
    blocks_hit       bigint,
    blocks_read      bigint,

    constraint metric_costs_pkey primary key (id),
    constraint metric_costs_are_kept_by_day unique nulls not distinct (organization_id, metric_id, cost_date),
    constraint metric_costs_are_not_negative check (
        run_microseconds >= 0 and row_count >= 0 and slice_count >= 0 and error_count >= 0
    )
);

comment on table yardstick.metric_costs is 'One row per metric and day: what calculating it has cost.';
comment on column yardstick.metric_costs.id is 'Identifier.';
comment on column yardstick.metric_costs.organization_id is
'Organization of the metric; null: a metric of the platform, for all organizations together.';
comment on column yardstick.metric_costs.metric_id is 'Metric.';
comment on column yardstick.metric_costs.cost_date is 'Day, in UTC.';
comment on column yardstick.metric_costs.run_microseconds is 'Its share of the time its statements took.';
comment on column yardstick.metric_costs.row_count is 'Its share of the rows they wrote or left.';
comment on column yardstick.metric_costs.slice_count is 'Statements it took part in.';
comment on column yardstick.metric_costs.error_count is 'Statements that failed because of it, or its source.';
comment on column yardstick.metric_costs.blocks_hit is
'Its share of the blocks found in shared buffers; null: none was counted.';
comment on column yardstick.metric_costs.blocks_read is
'Its share of the blocks asked of the system; null: none was counted.';

alter table yardstick.metric_costs enable row level security;
alter table yardstick.metric_costs force row level security;
create policy tenant on yardstick.metric_costs for all to yardstick_owner
using (organization_id = (select yardstick.current_organization()))
with check (organization_id = (select yardstick.current_organization()));
create policy platform on yardstick.metric_costs for select to yardstick_owner using (organization_id is null);
create policy engine on yardstick.metric_costs for all to yardstick_engine_role using (true) with check (true);
grant select, insert, update, delete on yardstick.metric_costs to yardstick_engine_role;
