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
set enable_sort = off
set jit = off
set work_mem = '64MB'
as $snapshot_slice$
declare
    zone          text;
    longest       interval;
    reach         interval;
    from_time     timestamptz;
    to_time       timestamptz;
    week_start    integer;
    fiscal_start  integer;
    axis_start    date;
    axis_count    integer;
begin
    select o.timezone, o.week_start, o.fiscal_year_start_month
    into zone, week_start, fiscal_start
    from yardstick.organizations as o
    where o.id = snapshot_slice.organization_id;
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
    axis_start := yardstick_engine.period_floor(
        (snapshot_slice.first_date - reach)::date, yardstick_engine.period_type(snapshot_slice.snapshot_type), week_start, fiscal_start
    );
    axis_count := yardstick_engine.snapshot_ordinal(snapshot_slice.snapshot_type, snapshot_slice.last_date)
        - yardstick_engine.snapshot_ordinal(snapshot_slice.snapshot_type, axis_start) + 1;
    from_time := (snapshot_slice.first_date - longest) at time zone zone;
    to_time := least(yardstick_engine.local_midnight(snapshot_slice.last_date + 1, zone), snapshot_slice.as_of);
    perform yardstick.ensure_year_partitions(
        'yardstick.metric_snapshots', snapshot_slice.first_date, snapshot_slice.last_date
    );

    with

    -- The windows around, turned into instants and dates once: for each row anew it costs more than reading the row.
    windows as materialized (

        select
            b.period_start, b.period_end, b.snapshot_date,
            yardstick_engine.snapshot_ordinal(snapshot_slice.snapshot_type, b.snapshot_date) as ordinal
        from (
            select
                i.period_start, i.period_end,
                ((i.period_end - interval '1 microsecond') at time zone zone)::date as snapshot_date
            from (
                select
                    yardstick_engine.local_midnight(g.day::date, zone) as period_start,
                    yardstick_engine.local_midnight((g.day + longest)::date, zone) as period_end
                from (
                    -- Counted by integers, whose number the planner knows.
                    select axis_start::timestamp + n.number * longest as day
                    from generate_series(0, axis_count) as n (number)
                ) as g
            ) as i
        ) as b
        -- A day that a zone skips is none.
        where b.period_start < b.period_end and b.snapshot_date <= snapshot_slice.last_date

    ),

    asked as materialized (

        select
            w.period_start, w.period_end, w.snapshot_date, w.ordinal,
            yardstick_engine.snapshot_before(snapshot_slice.snapshot_type, w.snapshot_date, 1) as month_before,
            yardstick_engine.snapshot_before(snapshot_slice.snapshot_type, w.snapshot_date, 3) as quarter_before,
            yardstick_engine.snapshot_before(snapshot_slice.snapshot_type, w.snapshot_date, 12) as year_before
        from windows as w
        where w.snapshot_date >= snapshot_slice.first_date

    ),

    -- What each snapshot looks back at: the 30 windows of its trend, and those it is compared with.
    looks as materialized (

        select
            w.period_end, w.ordinal, a.snapshot_date,
            w.ordinal = a.ordinal as is_own,
            case when w.ordinal > a.ordinal - 30 then ((w.ordinal - a.ordinal + 30)::bigint << 52) + (1::bigint << 51) end as place,
            w.snapshot_date = a.month_before as is_month_before,
            w.snapshot_date = a.quarter_before as is_quarter_before,
            w.snapshot_date = a.year_before as is_year_before
        from asked as a
        cross join windows as w
        where
            w.ordinal <= a.ordinal
            and (w.ordinal > a.ordinal - 30 or w.snapshot_date in (a.month_before, a.quarter_before, a.year_before))

    ),

    wanted as (

        select
            c.metric_id, c.aggregation_level, c.aggregation_id, k.snapshot_date,
            -- Of the type of the columns it goes into, or each of them would have it cast again.
            (max(c.metric_value) filter (where k.is_own))::numeric(15, 4) as metric_value,
            max(c.metric_value) filter (where k.is_month_before) as month_before,
            max(c.metric_value) filter (where k.is_quarter_before) as quarter_before,
            max(c.metric_value) filter (where k.is_year_before) as year_before,
            -- Place and value in one number, as trend_packed() takes them: an array more, or floating point, costs more than the trend.
            array_agg(k.place + (c.metric_value * 10000)::bigint) as points
        from yardstick.metric_calculations as c
        inner join looks as k on k.period_end = c.period_end
        where
            c.organization_id = snapshot_slice.organization_id
            and c.time_window = snapshot_slice.snapshot_type
            and c.period_end > (snapshot_slice.first_date - reach) at time zone zone
            and c.period_end <= to_time
        group by 1, 2, 3, 4
        having bool_or(k.is_own)

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
        where d.organization_id = snapshot_slice.organization_id or d.organization_id is null

    ),

    parts as materialized (

        select c.metric_id, c.aggregation_level, c.aggregation_id, c.period_start, c.period_end, c.metric_value
        from yardstick.metric_calculations as c
        inner join metrics as m on m.metric_id = c.metric_id and m.finest_window = c.time_window
        where
            c.organization_id = snapshot_slice.organization_id
            and c.time_window <> snapshot_slice.snapshot_type
            and (select bool_or(n.finest_window <> snapshot_slice.snapshot_type) from metrics as n)
            and c.period_end > from_time
            and c.period_end <= to_time

    ),

    -- Which window each part lies in, once per pair of bounds: a range join of the parts themselves would not hash.
    part_windows as materialized (

        select b.period_start, b.period_end, p.snapshot_date
        from (select distinct q.period_start, q.period_end from parts as q) as b
        inner join asked as p
            on b.period_start >= p.period_start and b.period_end <= p.period_end

    ),

    spread as materialized (

        select
            a.metric_id, a.aggregation_level, a.aggregation_id, a.snapshot_date,
            a.min_value::numeric(15, 4) as min_value, a.max_value::numeric(15, 4) as max_value,
            a.avg_value::numeric(15, 4) as avg_value, a.std_deviation, a.sample_count,
            yardstick_engine.quantile_of(a.sorted_values, a.sample_count, 1, 4)::numeric(15, 4) as percentile_25,
            yardstick_engine.quantile_of(a.sorted_values, a.sample_count, 1, 2)::numeric(15, 4) as percentile_50,
            yardstick_engine.quantile_of(a.sorted_values, a.sample_count, 3, 4)::numeric(15, 4) as percentile_75,
            yardstick_engine.quantile_of(a.sorted_values, a.sample_count, 19, 20)::numeric(15, 4) as percentile_95
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
        ) as a

    ),

    taken as (

        select
            w.metric_id, w.aggregation_level, w.aggregation_id, w.snapshot_date, w.metric_value,
            case when m.is_part then s.min_value else w.metric_value end as min_value,
            case when m.is_part then s.max_value else w.metric_value end as max_value,
            case when m.is_part then s.avg_value else w.metric_value end as avg_value,
            -- Opposite extremes can spread wider than the column holds.
            case when s.std_deviation < 99999999999 then s.std_deviation end::numeric(15, 4) as std_deviation,
            case when m.is_part then coalesce(s.sample_count, 0) else num_nonnulls(w.metric_value) end::integer as sample_count,
            case when m.is_part then s.percentile_25 else w.metric_value end as percentile_25,
            case when m.is_part then s.percentile_50 else w.metric_value end as percentile_50,
            case when m.is_part then s.percentile_75 else w.metric_value end as percentile_75,
            case when m.is_part then s.percentile_95 else w.metric_value end as percentile_95,
            yardstick_stats.trend_packed(w.points, m.direction, m.target_low, m.target_high) as trend,
            (100 * (w.metric_value - w.year_before) / nullif(abs(w.year_before), 0))::numeric(20, 2) as year_over_year_change,
            (100 * (w.metric_value - w.quarter_before) / nullif(abs(w.quarter_before), 0))::numeric(20, 2) as quarter_over_quarter_change,
            (100 * (w.metric_value - w.month_before) / nullif(abs(w.month_before), 0))::numeric(20, 2) as month_over_month_change
        from wanted as w
        left join (
            select
                metrics.metric_id, metrics.direction, metrics.target_low, metrics.target_high,
                metrics.finest_window <> snapshot_slice.snapshot_type as is_part
            from metrics
        ) as m on m.metric_id = w.metric_id
        left join spread as s
            on
                s.metric_id = w.metric_id
                and s.aggregation_level = w.aggregation_level
                and s.aggregation_id = w.aggregation_id
                and s.snapshot_date = w.snapshot_date
        -- Each column worked out once, not wherever it is named.
        offset 0

    ),

    differing as materialized (

        select
            t.*, s.metric_id is null as is_new,
            s.metric_id is null or s.metric_value is distinct from t.metric_value as has_new_value
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

    -- Nearly all rows are new, and a plain insert costs two thirds of an upsert. Slices are taken by one session at a time.
    added as (

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
        where t.is_new
        order by t.metric_id, t.aggregation_level, t.aggregation_id, t.snapshot_date

    ),

    changed as (

        update yardstick.metric_snapshots as s
        set
            metric_value = t.metric_value,
            min_value = t.min_value,
            max_value = t.max_value,
            avg_value = t.avg_value,
            std_deviation = t.std_deviation,
            sample_count = t.sample_count,
            percentile_25 = t.percentile_25,
            percentile_50 = t.percentile_50,
            percentile_75 = t.percentile_75,
            percentile_95 = t.percentile_95,
            trend = t.trend,
            year_over_year_change = t.year_over_year_change,
            quarter_over_quarter_change = t.quarter_over_quarter_change,
            month_over_month_change = t.month_over_month_change
        from differing as t
        where
            not t.is_new
            and s.organization_id = snapshot_slice.organization_id
            and s.metric_id = t.metric_id
            and s.aggregation_level = t.aggregation_level
            and s.aggregation_id = t.aggregation_id
            and s.snapshot_type = snapshot_slice.snapshot_type
            and s.snapshot_date = t.snapshot_date
            and s.snapshot_date between snapshot_slice.first_date and snapshot_slice.last_date

    )

    select
        (select count(*) from differing)::integer,
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
