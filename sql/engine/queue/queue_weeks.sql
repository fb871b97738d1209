create or replace function yardstick_engine.queue_weeks(
    source_id   uuid,
    measure_ids uuid[],
    from_date   date,
    to_date     date
)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $queue_weeks$
declare
    queued integer;
begin
    insert into yardstick.calculation_slices as s (source_id, period_type, period_start, measure_ids)
    select queue_weeks.source_id, 2, w.week_start::date, queue_weeks.measure_ids
    from generate_series(
        date_trunc('week', queue_weeks.from_date::timestamp),
        queue_weeks.to_date::timestamp - interval '1 day',
        interval '7 days'
    ) as w (week_start)
    order by w.week_start
    on conflict on constraint calculation_slices_pkey do update
    set measure_ids = array(
            select distinct m.measure_id
            from unnest(s.measure_ids || excluded.measure_ids) as m (measure_id)
            order by m.measure_id
        ),
        not_before = null;
    get diagnostics queued = row_count;
    return queued;
end
$queue_weeks$;

comment on function yardstick_engine.queue_weeks(uuid, uuid[], date, date) is
'Queues measures of a source for whole calculation in each week that touches local dates [from_date, to_date), beside what is queued already. Returns the number of weeks.';
