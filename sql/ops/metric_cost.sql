create or replace view yardstick_ops.metric_cost as
with

costs as (

    select metric_id, run_microseconds, row_count, slice_count, error_count, blocks_hit, blocks_read
    from yardstick.metric_costs
    where cost_date > (now() at time zone 'UTC')::date - 7

    union all

    -- Not added up yet.
    select a.metric_id, a.run_microseconds, a.row_count, a.slice_count, a.error_count, a.blocks_hit, a.blocks_read
    from yardstick_engine.noted_costs() as a
    where a.cost_date > (now() at time zone 'UTC')::date - 7

),

summed as (

    select
        metric_id,
        sum(run_microseconds) as run_microseconds,
        sum(row_count) as row_count,
        sum(slice_count) as slice_count,
        sum(error_count) as error_count,
        sum(blocks_hit) as blocks_hit,
        sum(blocks_read) as blocks_read
    from costs
    group by metric_id

)

select
    d.organization_id,
    o.organization_name,
    d.id as metric_id,
    d.metric_name,
    round(summed.run_microseconds / 1000000, 3)::float8 as run_seconds,
    summed.row_count::bigint as row_count,
    summed.slice_count::bigint as slice_count,
    summed.error_count::bigint as error_count,
    summed.blocks_hit::bigint as buffers_hit,
    summed.blocks_read::bigint as buffers_read,
    round(100 * summed.run_microseconds / nullif(sum(summed.run_microseconds) over (), 0), 2)::float8 as share_pct
from summed
inner join yardstick.metric_definitions as d on d.id = summed.metric_id
left join yardstick.organizations as o on o.id = d.organization_id;

comment on view yardstick_ops.metric_cost is
'One row per metric that was calculated in the last seven days (UTC, today included): what that cost, its share of work that was done for several metrics at once.';
comment on column yardstick_ops.metric_cost.organization_id is 'Organization of the definition; null: the platform, for all organizations together.';
comment on column yardstick_ops.metric_cost.organization_name is 'Its name; null: the platform.';
comment on column yardstick_ops.metric_cost.metric_id is 'Metric.';
comment on column yardstick_ops.metric_cost.metric_name is 'Its name.';
comment on column yardstick_ops.metric_cost.run_seconds is 'Seconds of its statements, by the clock.';
comment on column yardstick_ops.metric_cost.row_count is 'Rows they wrote, or cells they left to the next stage.';
comment on column yardstick_ops.metric_cost.slice_count is 'Statements it took part in.';
comment on column yardstick_ops.metric_cost.error_count is 'Statements that failed because of it, or its source.';
comment on column yardstick_ops.metric_cost.buffers_hit is
'Blocks found in shared buffers, by statements of more than some hundred cells; null: there were none, and counting costs too much for smaller ones.';
comment on column yardstick_ops.metric_cost.buffers_read is
'Blocks asked of the system, by the same statements; null: there were none.';
comment on column yardstick_ops.metric_cost.share_pct is 'Share of the seconds of all metrics, in percent.';

grant select on yardstick_ops.metric_cost to yardstick_dba, yardstick_worker;
