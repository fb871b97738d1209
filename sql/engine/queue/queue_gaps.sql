-- A row that comes late may be the first of its scope: the periods from there on have a value now, and no row to be touched by.
create or replace function yardstick_engine.queue_gaps(source_id uuid, from_date date, to_date date)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $queue_gaps$
declare
    queued integer;
begin
    -- Most sources have no such metric, and nobody plans for them.
    if not exists (select from yardstick.metric_definitions as d where d.source_id = queue_gaps.source_id and d.compiled ? 'fill') then
        return 0;
    end if;

    with

    filling as materialized (
        select distinct d.id as metric_id, (u.body ->> 'measure_id')::uuid as measure_id
        from yardstick.metric_definitions as d
        cross join lateral jsonb_each(d.compiled -> 'measures') as u (measure_name, body)
        where d.source_id = queue_gaps.source_id and d.compiled ? 'fill' and d.deleted_at is null and d.is_active
    ),

    -- Of a series that has states before, all periods have values already.
    begun as (
        select f.metric_id, s.organization_id, min(b.first_day) as first_day, max(b.next_day) as next_day
        from filling as f
        inner join yardstick.metric_series as s on s.measure_id = f.measure_id
        cross join lateral (
            select
                min(k.period_start) filter (where k.period_start < queue_gaps.to_date) as first_day,
                coalesce(min(k.period_start) filter (where k.period_start >= queue_gaps.to_date), 'infinity') as next_day
            from (
                (
                    select p.period_start
                    from yardstick.metric_partials as p
                    where p.period_type = 1 and p.series_id = s.series_id and p.period_start >= queue_gaps.from_date
                        and p.period_start < queue_gaps.to_date
                    order by p.period_start
                    limit 1
                )
                union all
                (
                    select p.period_start
                    from yardstick.metric_partials as p
                    where p.period_type = 1 and p.series_id = s.series_id and p.period_start >= queue_gaps.to_date
                    order by p.period_start
                    limit 1
                )
                union all
                select d.period_start
                from yardstick.metric_details as d
                where d.organization_id = s.organization_id and d.series_id = s.series_id and d.period_start >= queue_gaps.from_date
            ) as k
        ) as b
        where b.first_day is not null
            and not exists (
                select
                from yardstick.metric_partials as p
                where p.period_type = 1 and p.series_id = s.series_id and p.period_start < queue_gaps.from_date
            )
            and not exists (
                select
                from yardstick.metric_details as d
                where d.organization_id = s.organization_id and d.series_id = s.series_id and d.period_start < queue_gaps.from_date
            )
        group by f.metric_id, s.organization_id
    )

    select coalesce(sum(yardstick_engine.queue_fill(
        b.metric_id, b.first_day, least(b.next_day, make_date(extract(year from now())::integer + 5, 12, 31)), b.organization_id
    )), 0)::integer
    into queued
    from begun as b;
    return queued;
end
$queue_gaps$;

comment on function yardstick_engine.queue_gaps(uuid, date, date) is
'After days [from_date, to_date) of a source have been read: leaves a dirty row for every period from a first row that came with them up to the next one that was there, or today, for metrics that fill periods without rows. Returns their number.';
