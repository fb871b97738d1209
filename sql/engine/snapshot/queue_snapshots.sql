-- What is due is the difference between two tables, not what a job remembers: a missed run is made up by the next.
create or replace function yardstick_engine.queue_snapshots(organization_id uuid, as_of timestamptz)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
set enable_nestloop = off
set enable_mergejoin = off
set enable_sort = off
set jit = off
set work_mem = '64MB'
as $queue_snapshots$
declare
    zone         text;
    closed_date  date;
    time_windows text[];
    period_ends  timestamptz[];
    end_dates    date[];
    first_end    timestamptz;
    last_end     timestamptz;
    first_date   date;
    last_date    date;
    stretch      record;
    queued_count integer := 0;
begin
    select o.timezone into zone from yardstick.organizations as o where o.id = queue_snapshots.organization_id;
    closed_date := (queue_snapshots.as_of at time zone zone)::date - 1;

    update yardstick.snapshot_slices as s
    set seen = 0
    where s.organization_id = queue_snapshots.organization_id and s.seen <> 0;

    -- Nearly all periods stand as they are calculated: only those whose sets of values differ are looked at row by row.
    select
        array_agg(e.time_window), array_agg(e.period_end), array_agg(e.snapshot_date),
        min(e.period_end), max(e.period_end), min(e.snapshot_date), max(e.snapshot_date)
    into time_windows, period_ends, end_dates, first_end, last_end, first_date, last_date
    from (
        select
            c.time_window, c.period_end, c.value_count, c.fingerprint,
            ((c.period_end - interval '1 microsecond') at time zone zone)::date as snapshot_date
        from (
            select
                c.time_window, c.period_end, count(*) as value_count,
                bit_xor(yardstick_engine.value_fingerprint(
                    c.metric_id, c.aggregation_level, c.aggregation_id, c.metric_value
                )) as fingerprint
            from yardstick.metric_calculations as c
            where c.organization_id = queue_snapshots.organization_id and c.period_end <= queue_snapshots.as_of
            group by 1, 2
            -- Dates are made of the few groups, not of each row.
            offset 0
        ) as c
        -- What an earlier time zone left behind ends at no midnight of this one.
        where c.period_end = yardstick_engine.local_midnight((c.period_end at time zone zone)::date, zone)
    ) as e
    left join (
        select
            s.snapshot_type, s.snapshot_date, count(*) as value_count,
            bit_xor(yardstick_engine.value_fingerprint(
                s.metric_id, s.aggregation_level, s.aggregation_id, s.metric_value
            )) as fingerprint
        from yardstick.metric_snapshots as s
        where s.organization_id = queue_snapshots.organization_id
        group by 1, 2
    ) as s on s.snapshot_type = e.time_window and s.snapshot_date = e.snapshot_date
    where (s.value_count, s.fingerprint) is distinct from (e.value_count, e.fingerprint);

    for stretch in
        with

        ends as (

            select e.time_window, e.period_end, e.snapshot_date
            from unnest(time_windows, period_ends, end_dates) as e (time_window, period_end, snapshot_date)

        ),

        closed as (

            select c.metric_id, c.aggregation_level, c.aggregation_id, c.time_window, c.metric_value, e.snapshot_date
            from yardstick.metric_calculations as c
            inner join ends as e on e.time_window = c.time_window and e.period_end = c.period_end
            where
                c.organization_id = queue_snapshots.organization_id
                and c.period_end between first_end and last_end

        )

        select
            c.time_window,
            date_trunc(case c.time_window when 'daily' then 'month' else 'year' end, c.snapshot_date::timestamp)::date as slice_start,
            min(c.snapshot_date) as first_date,
            max(c.snapshot_date) as last_date,
            bit_xor(yardstick_engine.snapshot_fingerprint(
                c.metric_id, c.aggregation_level, c.aggregation_id, c.snapshot_date, c.metric_value
            )) as seen
        from closed as c
        left join yardstick.metric_snapshots as s
            on
                s.organization_id = queue_snapshots.organization_id
                and s.metric_id = c.metric_id
                and s.aggregation_level = c.aggregation_level
                and s.aggregation_id = c.aggregation_id
                and s.snapshot_type = c.time_window
                and s.snapshot_date = c.snapshot_date
                and s.snapshot_date between first_date and last_date
        where s.metric_id is null or s.metric_value is distinct from c.metric_value
        group by 1, 2
        order by 1, 2
    loop
        perform yardstick_engine.queue_affected_snapshots(
            queue_snapshots.organization_id, stretch.time_window, stretch.first_date, stretch.last_date, closed_date
        );
        update yardstick.snapshot_slices as s
        set seen = stretch.seen
        where
            s.organization_id = queue_snapshots.organization_id
            and s.snapshot_type = stretch.time_window
            and s.slice_start = stretch.slice_start;
        queued_count := queued_count + 1;
    end loop;
    return queued_count;
end
$queue_snapshots$;

comment on function yardstick_engine.queue_snapshots(uuid, timestamptz) is
'Queues the snapshots of an organization that are missing or hold another value than its calculations; returns the '
'number of stretches that differ.';
