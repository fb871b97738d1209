-- The planner takes what a time zone filters for a handful of rows: it runs with the settings of its caller, who forbids loops.
create or replace function yardstick_engine.snapshot_spread(
    organization_id uuid,
    snapshot_type   text,
    first_date      date,
    last_date       date,
    to_time         timestamptz
)
returns table (
    metric_id         uuid,
    aggregation_level text,
    aggregation_id    uuid,
    snapshot_date     date,
    min_value         numeric,
    max_value         numeric,
    avg_value         numeric,
    std_deviation     numeric,
    sample_count      integer,
    percentile_25     numeric,
    percentile_50     numeric,
    percentile_75     numeric,
    percentile_95     numeric
)
language plpgsql
stable
rows 10
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $snapshot_spread$
declare
    first_time timestamptz;
    last_time  timestamptz;
begin
    -- Where the window is the finest of every metric, its value is all there is.
    if not exists (
        select
        from yardstick_engine.snapshot_metrics(snapshot_spread.organization_id) as m
        where m.finest_window <> snapshot_spread.snapshot_type
    ) then
        return;
    end if;
    select min(k.period_start), max(k.period_end)
    into first_time, last_time
    from yardstick_engine.snapshot_looks(
        snapshot_spread.organization_id, snapshot_spread.snapshot_type, snapshot_spread.first_date, snapshot_spread.last_date,
        snapshot_spread.to_time
    ) as k
    where k.is_own;

    return query
    with

    parts as materialized (

        select c.metric_id, c.aggregation_level, c.aggregation_id, c.period_start, c.period_end, c.metric_value
        from yardstick.metric_calculations as c
        inner join yardstick_engine.snapshot_metrics(snapshot_spread.organization_id) as m
            on m.metric_id = c.metric_id and m.finest_window = c.time_window
        where
            c.organization_id = snapshot_spread.organization_id
            and c.time_window <> snapshot_spread.snapshot_type
            and c.period_end > first_time
            and c.period_end <= last_time

    ),

    -- Which window each part lies in, once per pair of bounds: a range join of the parts themselves would not hash.
    part_windows as materialized (

        select b.period_start, b.period_end, k.snapshot_date
        from (select distinct q.period_start, q.period_end from parts as q) as b
        inner join yardstick_engine.snapshot_looks(
            snapshot_spread.organization_id, snapshot_spread.snapshot_type, snapshot_spread.first_date, snapshot_spread.last_date,
            snapshot_spread.to_time
        ) as k
            on k.is_own and b.period_start >= k.period_start and b.period_end <= k.period_end

    )

    select
        a.metric_id, a.aggregation_level, a.aggregation_id, a.snapshot_date, a.min_value, a.max_value, a.avg_value, a.std_deviation,
        a.sample_count,
        yardstick_engine.quantile_of(a.sorted_values, a.sample_count, 1, 4),
        yardstick_engine.quantile_of(a.sorted_values, a.sample_count, 1, 2),
        yardstick_engine.quantile_of(a.sorted_values, a.sample_count, 3, 4),
        yardstick_engine.quantile_of(a.sorted_values, a.sample_count, 19, 20)
    from (
        select
            q.metric_id, q.aggregation_level, q.aggregation_id, p.snapshot_date,
            min(q.metric_value) as min_value,
            max(q.metric_value) as max_value,
            avg(q.metric_value) as avg_value,
            stddev_samp(q.metric_value) as std_deviation,
            count(q.metric_value)::integer as sample_count,
            -- percentile_cont would give floating point.
            array_agg(q.metric_value order by q.metric_value) filter (where q.metric_value is not null) as sorted_values
        from parts as q
        inner join part_windows as p on p.period_start = q.period_start and p.period_end = q.period_end
        group by 1, 2, 3, 4
    ) as a;
end
$snapshot_spread$;

comment on function yardstick_engine.snapshot_spread(uuid, text, date, date, timestamptz) is
'Spread of the values of the finest window of each metric inside each snapshot of some dates, unrounded; nothing where the snapshot''s own '
'window is the finest.';
