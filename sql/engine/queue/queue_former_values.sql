-- A new version may measure what has no rows where the former one had some. Nothing is found there that would touch those periods, nor is
-- there a series by which their scopes would be met: without this, values of the former version stayed there.
create or replace function yardstick_engine.queue_former_values(metric_id uuid)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set jit = off
as $queue_former_values$
declare
    metric yardstick.metric_definitions;
    queued bigint;
begin
    select d.* into strict metric from yardstick.metric_definitions as d where d.id = queue_former_values.metric_id;

    with

    -- All of it is in the key.
    stood as materialized (
        select
            c.organization_id, c.aggregation_level, c.aggregation_id, c.time_window, c.period_start, c.period_end,
            yardstick_engine.period_type(c.time_window) as period_type, (c.period_start at time zone o.timezone)::date as local_date
        from yardstick.organizations as o
        inner join yardstick.metric_calculations as c on c.organization_id = o.id and c.metric_id = metric.id
        where o.is_active and c.time_window = any(metric.time_windows) and c.aggregation_level = any(metric.aggregation_levels)
    ),

    met as (
        insert into yardstick.metric_series (organization_id, measure_id, aggregation_level, aggregation_id)
        select k.organization_id, m.id, k.kind, k.aggregation_id
        from (
            select distinct
                s.organization_id, s.aggregation_id,
                case s.aggregation_level when 'org' then 'none' when 'dept' then 'own' else s.aggregation_level end as kind
            from stood as s
        ) as k
        cross join yardstick_engine.metric_measure_ids(metric.id) as m (id)
        order by 1, 2, 3, 4
        on conflict do nothing
    ),

    -- Whether a metric has rows is asked of its organization level (rows_stand): where it had other levels only, that has them now.
    placed as (
        insert into yardstick.metric_calculations (
            organization_id, metric_id, aggregation_level, aggregation_id, time_window, period_start, period_end,
            calculation_status, calculation_notes, sample_size, metric_version, calculation_timestamp
        )
        select distinct
            s.organization_id, metric.id, 'org', s.organization_id, s.time_window, s.period_start, s.period_end,
            'warning', 'no source rows are left in this period', 0, metric.version, now()
        from stood as s
        where 'org' = any(metric.aggregation_levels)
        on conflict do nothing
    ),

    measured as (
        insert into yardstick.metric_dirty (organization_id, source_id, stage, measure_ids, period_type, period_start, slice_start)
        select distinct
            s.organization_id, metric.source_id, case when s.period_type <= 3 then 'day' else 'month' end,
            array(select m.id from yardstick_engine.metric_measure_ids(metric.id) as m (id)), s.period_type, s.local_date,
            date_trunc(
                case when s.period_type <= 3 then 'month' else 'year' end, (s.local_date + case s.period_type when 2 then 6 else 0 end)::timestamp
            )::date
        from stood as s
        where metric.source_id is not null
        returning 1
    ),

    made as (
        insert into yardstick.metric_pending (organization_id, metric_id, period_type, period_start)
        select distinct s.organization_id, metric.id, s.period_type, s.local_date
        from stood as s
        where metric.source_id is null
        returning 1
    )

    select (select count(*) from measured) + (select count(*) from made) into queued;
    return queued;
end
$queue_former_values$;

comment on function yardstick_engine.queue_former_values(uuid) is
'Queues the periods that a metric has values of already, in the windows and at the levels it has now, so that those its new version does not give are taken back; returns their number. Values of other windows and levels stay as they are.';
