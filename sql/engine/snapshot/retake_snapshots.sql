-- What is equal to the stored row is left out before it is written; an upsert that changes nothing still writes.
-- It runs with the settings of its caller, who forbids the planner to loop.
create or replace function yardstick_engine.retake_snapshots(
    organization_id   uuid,
    snapshot_type     text,
    first_date        date,
    last_date         date,
    from_time         timestamptz,
    to_time           timestamptz,
    out written_count integer,
    out changed       bigint
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $retake_snapshots$
begin
    with

    differing as materialized (

        select
            t.*, s.metric_id is null as is_new,
            s.metric_id is null or s.metric_value is distinct from t.metric_value as has_new_value
        from yardstick_engine.snapshots_of(
            retake_snapshots.organization_id, retake_snapshots.snapshot_type, retake_snapshots.first_date, retake_snapshots.last_date,
            retake_snapshots.from_time, retake_snapshots.to_time
        ) as t
        left join yardstick.metric_snapshots as s
            on
                s.organization_id = retake_snapshots.organization_id
                and s.metric_id = t.metric_id
                and s.aggregation_level = t.aggregation_level
                and s.aggregation_id = t.aggregation_id
                and s.snapshot_type = retake_snapshots.snapshot_type
                and s.snapshot_date = t.snapshot_date
                and s.snapshot_date between retake_snapshots.first_date and retake_snapshots.last_date
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

    added as (

        insert into yardstick.metric_snapshots as s (
            organization_id, metric_id, aggregation_level, aggregation_id, snapshot_type, snapshot_date,
            metric_value, min_value, max_value, avg_value, std_deviation, sample_count,
            percentile_25, percentile_50, percentile_75, percentile_95, trend,
            year_over_year_change, quarter_over_quarter_change, month_over_month_change
        )
        select
            retake_snapshots.organization_id, t.metric_id, t.aggregation_level, t.aggregation_id,
            retake_snapshots.snapshot_type, t.snapshot_date,
            t.metric_value, t.min_value, t.max_value, t.avg_value, t.std_deviation, t.sample_count,
            t.percentile_25, t.percentile_50, t.percentile_75, t.percentile_95, t.trend,
            t.year_over_year_change, t.quarter_over_quarter_change, t.month_over_month_change
        from differing as t
        where t.is_new
        order by t.metric_id, t.aggregation_id, t.snapshot_date

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
            and s.organization_id = retake_snapshots.organization_id
            and s.metric_id = t.metric_id
            and s.aggregation_level = t.aggregation_level
            and s.aggregation_id = t.aggregation_id
            and s.snapshot_type = retake_snapshots.snapshot_type
            and s.snapshot_date = t.snapshot_date
            and s.snapshot_date between retake_snapshots.first_date and retake_snapshots.last_date

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
    into retake_snapshots.written_count, retake_snapshots.changed;
end
$retake_snapshots$;

comment on function yardstick_engine.retake_snapshots(uuid, text, date, date, timestamptz, timestamptz) is
'Takes snapshots of dates some of which have been taken before: writes those that are missing or differ in any column; returns the rows '
'written and the fingerprint of the values that were new.';
