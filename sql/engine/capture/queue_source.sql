create or replace function yardstick_engine.queue_source(source_id uuid)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $queue_source$
declare
    measure_ids uuid[];
    first_date  date;
    last_date   date;
begin
    -- Metrics without measures of this source follow those they are made of, or their own clock.
    perform yardstick_engine.queue_when_free(d.id)
    from yardstick.metric_definitions as d
    where d.source_id = queue_source.source_id and d.is_active and d.deleted_at is null;

    -- Days that have states and, perhaps, no rows any more.
    select array_agg(m.id order by m.id)
    into measure_ids
    from yardstick.metric_measures as m
    where m.source_id = queue_source.source_id and m.id in (
        select u.measure_id
        from yardstick_engine.measure_uses(array(select k.id from yardstick.metric_measures as k where k.source_id = queue_source.source_id)) as u
    );

    select min(b.period_start), max(b.period_start)
    into first_date, last_date
    from (
        select p.period_start
        from yardstick.metric_series as s
        inner join yardstick.metric_partials as p
            on p.period_type = 1 and p.organization_id = s.organization_id and p.series_id = s.series_id
        where s.measure_id = any(measure_ids)
        union all
        select d.period_start
        from yardstick.metric_series as s
        inner join yardstick.metric_details as d on d.organization_id = s.organization_id and d.series_id = s.series_id
        where s.measure_id = any(measure_ids)
    ) as b;
    if first_date is not null then
        perform yardstick_engine.queue_weeks(queue_source.source_id, measure_ids, first_date, last_date + 1);
    end if;

    return (
        select count(*)
        from yardstick.calculation_slices as c
        where c.source_id = queue_source.source_id and c.period_type = 2
    );
end
$queue_source$;

comment on function yardstick_engine.queue_source(uuid) is
'Queues all of a source for calculation, days that had rows when it was last read among them, and returns the number of its weeks that wait.';
grant execute on function yardstick_engine.queue_source(uuid) to yardstick_owner;
