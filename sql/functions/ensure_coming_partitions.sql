create or replace function yardstick.ensure_coming_partitions(today date)
returns integer
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $ensure_coming_partitions$
    -- Definer, as the owner, like the function it calls.
    select sum(
        yardstick.ensure_year_partitions(
            p.parent, ensure_coming_partitions.today, (ensure_coming_partitions.today + interval '2 years')::date
        )
    )::integer
    from unnest(array[
        'yardstick.analytics_metrics', 'yardstick.metric_partials', 'yardstick.metric_details', 'yardstick.metric_calculations',
        'yardstick.metric_snapshots'
    ]) as p (parent)
$ensure_coming_partitions$;

comment on function yardstick.ensure_coming_partitions(date) is
'Makes the partitions of this year and the next two for every table partitioned by year; returns the number made.';
grant execute on function yardstick.ensure_coming_partitions(date) to yardstick_engine_role;
