-- One statement for all metrics and scopes: GROUP BY and hash joins, for window functions over everything lost to a row loop.
-- The planner takes what a time zone filters for a handful of rows: left alone it would loop over thousands of them.
-- What is equal to the stored row is left out before the insert; an upsert that changes nothing still writes.
create or replace function yardstick_engine.snapshot_slice(
    organization_id   uuid,
    snapshot_type     text,
    first_date        date,
    last_date         date,
    as_of             timestamptz,
    out written_count integer,
    out changed       bigint
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
set enable_nestloop = off
set enable_mergejoin = off
set jit = off
as $snapshot_slice$
declare
    zone          text;
    longest       interval;
    reach         interval;
    from_time     timestamptz;
    to_time       timestamptz;
    first_ordinal integer := yardstick_engine.snapshot_ordinal(snapshot_slice.snapshot_type, snapshot_slice.first_date);
    last_ordinal  integer := yardstick_engine.snapshot_ordinal(snapshot_slice.snapshot_type, snapshot_slice.last_date);
begin
    select o.timezone into zone from yardstick.organizations as o where o.id = snapshot_slice.organization_id;
    select w.longest, w.reach
    into longest, reach
    from (
        values
        ('daily', interval '1 day', interval '12 months'),
        ('weekly', interval '7 days', interval '53 weeks'),
        ('monthly', interval '1 month', interval '31 months'),
        ('quarterly', interval '3 months', interval '93 months'),
        ('annual', interval '12 months', interval '31 years')
    ) as w (snapshot_type, longest, reach)
    where w.snapshot_type = snapshot_slice.snapshot_type;
    from_time := (snapshot_slice.first_date - longest) at time zone zone;
    to_time := least(yardstick_engine.local_midnight(snapshot_slice.last_date + 1, zone), snapshot_slice.as_of);
    perform yardstick.ensure_year_partitions(
        'yardstick.metric_snapshots', snapshot_slice.first_date, snapshot_slice.last_date
    );

    with

    history as materialized (

        select
            c.metric_id, c.aggregation_level, c.aggregation_id, c.period_start, c.period_end, c.metric_value,
            ((c.period_end - interval '1 microsecond') at time zone zone)::date as snapshot_date
        from yardstick.metric_calculations as c
        where
            c.organization_id = snapshot_slice.organization_id
            and c.time_window = snapshot_slice.snapshot_type
            and c.period_end > (snapshot_slice.first_date - reach) at time zone zone
            and c.period_end <= to_time
            and c.period_end = yardstick_engine.local_midnight((c.period_end at time zone zone)::date, zone)

    ),

    wanted as materialized (

        select
            h.*,
            yardstick_engine.snapshot_ordinal(snapshot_slice.snapshot_type, h.snapshot_date) as ordinal
        from history as h
        where h.snapshot_date between snapshot_slice.first_date and snapshot_slice.last_date

    ),

    metrics as materialized (

        select
            d.id as metric_id,
            d.direction,
            d.target_low::float8 as target_low,
            d.target_high::float8 as target_high,
            (
                select w.time_window
                from unnest(d.time_windows) as w (time_window)
                order by yardstick_engine.period_type(w.time_window)
                limit 1
            ) as finest_window
        from yardstick.metric_definitions as d
        where d.id in (select w.metric_id from wanted as w)

    ),

    earlier as materialized (

        select
            p.snapshot_date,
            yardstick_engine.snapshot_before(snapshot_slice.snapshot_type, p.snapshot_date, 1) as month_before,
            yardstick_engine.snapshot_before(snapshot_slice.snapshot_type, p.snapshot_date, 3) as quarter_before,
            yardstick_engine.snapshot_before(snapshot_slice.snapshot_type, p.snapshot_date, 12) as year_before
        from (select distinct w.snapshot_date from wanted as w) as p

    ),

    parts as materialized (

        select c.metric_id, c.aggregation_level, c.aggregation_id, c.period_start, c.period_end, c.metric_value
        from yardstick.metric_calculations as c
        inner join metrics as m on m.metric_id = c.metric_id and m.finest_window = c.time_window
        where
            c.organization_id = snapshot_slice.organization_id
            and c.time_window <> snapshot_slice.snapshot_type
            and c.period_end > from_time
            and c.period_end <= to_time

    ),

    -- Which window each part lies in, once per pair of bounds: a range join of the parts themselves would not hash.
    part_windows as materialized (

        select b.period_start, b.period_end, p.snapshot_date
        from (select distinct q.period_start, q.period_end from parts as q) as b
        inner join (select distinct w.period_start, w.period_end, w.snapshot_date from wanted as w) as p
            on b.period_start >= p.period_start and b.period_end <= p.period_end

    ),

    spread as materialized (

        select
            q.metric_id, q.aggregation_level, q.aggregation_id, p.snapshot_date,
            min(q.metric_value) as min_value,
            max(q.metric_value) as max_value,
            avg(q.metric_value) as avg_value,
            stddev_samp(q.metric_value) as std_deviation,
            count(q.metric_value) as sample_count,
            percentile_cont(array[0.25, 0.5, 0.75, 0.95]) within group (order by q.metric_value::float8) as percentiles
        from parts as q
        inner join part_windows as p on p.period_start = q.period_start and p.period_end = q.period_end
        group by 1, 2, 3, 4

    ),

    -- Every window on the axis, with or without a value: a gap keeps its place.
    lines as materialized (

        select
            s.metric_id, s.aggregation_level, s.aggregation_id, s.direction, s.target_low, s.target_high,
            array_agg(h.metric_value::float8 order by o.ordinal) as points
        from (
            select distinct
                w.metric_id, w.aggregation_level, w.aggregation_id, m.direction, m.target_low, m.target_high
            from wanted as w
            inner join metrics as m on m.metric_id = w.metric_id and m.direction is not null
        ) as s
        cross join generate_series(first_ordinal - 29, last_ordinal) as o (ordinal)
        left join history as h
            on
                h.metric_id = s.metric_id
                and h.aggregation_level = s.aggregation_level
                and h.aggregation_id = s.aggregation_id
                and yardstick_engine.snapshot_ordinal(snapshot_slice.snapshot_type, h.snapshot_date) = o.ordinal
        group by 1, 2, 3, 4, 5, 6

    ),

    taken as materialized (

        select
            w.metric_id, w.aggregation_level, w.aggregation_id, w.snapshot_date, w.metric_value,
            case when m.is_part then s.min_value else w.metric_value end as min_value,
            case when m.is_part then s.max_value else w.metric_value end as max_value,
            case when m.is_part then s.avg_value else w.metric_value end::numeric(15, 4) as avg_value,
            -- Opposite extremes can spread wider than the column holds.
            case when s.std_deviation < 99999999999 then s.std_deviation end::numeric(15, 4) as std_deviation,
            case when m.is_part then coalesce(s.sample_count, 0) else num_nonnulls(w.metric_value) end::integer as sample_count,
            case when m.is_part then s.percentiles[1]::numeric else w.metric_value end::numeric(15, 4) as percentile_25,
            case when m.is_part then s.percentiles[2]::numeric else w.metric_value end::numeric(15, 4) as percentile_50,
            case when m.is_part then s.percentiles[3]::numeric else w.metric_value end::numeric(15, 4) as percentile_75,
            case when m.is_part then s.percentiles[4]::numeric else w.metric_value end::numeric(15, 4) as percentile_95,
            yardstick_stats.trend(
                l.points[w.ordinal - first_ordinal + 1 : w.ordinal - first_ordinal + 30],
                l.direction, l.target_low, l.target_high
            ) as trend,
            (100 * (w.metric_value - y.metric_value) / nullif(abs(y.metric_value), 0))::numeric(20, 2) as year_over_year_change,
            (100 * (w.metric_value - q.metric_value) / nullif(abs(q.metric_value), 0))::numeric(20, 2) as quarter_over_quarter_change,
            (100 * (w.metric_value - b.metric_value) / nullif(abs(b.metric_value), 0))::numeric(20, 2) as month_over_month_change
        from wanted as w
        inner join earlier as e on e.snapshot_date = w.snapshot_date
        left join (
            select metrics.metric_id, metrics.finest_window <> snapshot_slice.snapshot_type as is_part
            from metrics
        ) as m on m.metric_id = w.metric_id
        left join spread as s
            on
                s.metric_id = w.metric_id
                and s.aggregation_level = w.aggregation_level
                and s.aggregation_id = w.aggregation_id
                and s.snapshot_date = w.snapshot_date
        left join lines as l
            on
                l.metric_id = w.metric_id
                and l.aggregation_level = w.aggregation_level
                and l.aggregation_id = w.aggregation_id
        left join history as b
            on
                b.metric_id = w.metric_id
                and b.aggregation_level = w.aggregation_level
                and b.aggregation_id = w.aggregation_id
                and b.snapshot_date = e.month_before
        left join history as q
            on
                q.metric_id = w.metric_id
                and q.aggregation_level = w.aggregation_level
                and q.aggregation_id = w.aggregation_id
                and q.snapshot_date = e.quarter_before
        left join history as y
            on
                y.metric_id = w.metric_id
                and y.aggregation_level = w.aggregation_level
                and y.aggregation_id = w.aggregation_id
                and y.snapshot_date = e.year_before

    ),

    differing as materialized (

        select t.*, s.metric_id is null or s.metric_value is distinct from t.metric_value as has_new_value
        from taken as t
        left join yardstick.metric_snapshots as s
            on
                s.organization_id = snapshot_slice.organization_id
                and s.metric_id = t.metric_id
                and s.aggregation_level = t.aggregation_level
                and s.aggregation_id = t.aggregation_id
                and s.snapshot_type = snapshot_slice.snapshot_type
                and s.snapshot_date = t.snapshot_date
                and s.snapshot_date between snapshot_slice.first_date and snapshot_slice.last_date
        where
            s.metric_id is null
            or (
                s.metric_value, s.min_value, s.max_value, s.avg_value, s.std_deviation, s.sample_count,
                s.percentile_25, s.percentile_50, s.percentile_75, s.percentile_95, s.trend,
                s.year_over_year_change, s.quarter_over_quarter_change, s.month_over_month_change
            ) is distinct from (
                t.metric_value, t.min_value, t.max_value, t.avg_value, t.std_deviation, t.sample_count,
                t.percentile_25, t.percentile_50, t.percentile_75, t.percentile_95, t.trend,
                t.year_over_year_change, t.quarter_over_quarter_change, t.month_over_month_change
            )

    ),

    written as (

        insert into yardstick.metric_snapshots as s (
            organization_id, metric_id, aggregation_level, aggregation_id, snapshot_type, snapshot_date,
            metric_value, min_value, max_value, avg_value, std_deviation, sample_count,
            percentile_25, percentile_50, percentile_75, percentile_95, trend,
            year_over_year_change, quarter_over_quarter_change, month_over_month_change
        )
        select
            snapshot_slice.organization_id, t.metric_id, t.aggregation_level, t.aggregation_id,
            snapshot_slice.snapshot_type, t.snapshot_date,
            t.metric_value, t.min_value, t.max_value, t.avg_value, t.std_deviation, t.sample_count,
            t.percentile_25, t.percentile_50, t.percentile_75, t.percentile_95, t.trend,
            t.year_over_year_change, t.quarter_over_quarter_change, t.month_over_month_change
        from differing as t
        order by t.metric_id, t.aggregation_level, t.aggregation_id, t.snapshot_date
        on conflict on constraint metric_snapshots_pkey do update
        set
            metric_value = excluded.metric_value,
            min_value = excluded.min_value,
            max_value = excluded.max_value,
            avg_value = excluded.avg_value,
            std_deviation = excluded.std_deviation,
            sample_count = excluded.sample_count,
            percentile_25 = excluded.percentile_25,
            percentile_50 = excluded.percentile_50,
            percentile_75 = excluded.percentile_75,
            percentile_95 = excluded.percentile_95,
            trend = excluded.trend,
            year_over_year_change = excluded.year_over_year_change,
            quarter_over_quarter_change = excluded.quarter_over_quarter_change,
            month_over_month_change = excluded.month_over_month_change
        returning 1

    )

    select
        (select count(*) from written)::integer,
        coalesce(
            (
                select bit_xor(yardstick_engine.snapshot_fingerprint(
                    t.metric_id, t.aggregation_level, t.aggregation_id, t.snapshot_date, t.metric_value
                ))
                from differing as t
                where t.has_new_value
            ),
            0
        )
    into snapshot_slice.written_count, snapshot_slice.changed;
end
$snapshot_slice$;

comment on function yardstick_engine.snapshot_slice(uuid, text, date, date, timestamptz) is
'Takes the snapshots of one organization, type and stretch of dates; returns the rows written and the fingerprint of '
'the values that were new.';
