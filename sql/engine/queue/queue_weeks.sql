-- Weeks that somebody else has queued, or reads, and does not commit are waited for once. Then they are written down for the planner.
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
set lock_timeout = '2s'
as $queue_weeks$
declare
    weeks constant date[] := array(
        select w.week_start::date
        from generate_series(
            date_trunc('week', queue_weeks.from_date::timestamp),
            queue_weeks.to_date::timestamp - interval '1 day',
            interval '7 days'
        ) as w (week_start)
        order by w.week_start
    );
begin
    if queue_weeks.measure_ids is null then
        insert into yardstick.calculation_slices as s (source_id, period_type, period_start)
        select queue_weeks.source_id, 2, w.week_start
        from unnest(weeks) as w (week_start)
        on conflict on constraint calculation_slices_pkey do nothing;
    else
        insert into yardstick.calculation_slices as s (source_id, period_type, period_start, measure_ids)
        select queue_weeks.source_id, 2, w.week_start, queue_weeks.measure_ids
        from unnest(weeks) as w (week_start)
        on conflict on constraint calculation_slices_pkey do update
        set measure_ids = array(
                select distinct m.measure_id
                from unnest(s.measure_ids || excluded.measure_ids) as m (measure_id)
                order by m.measure_id
            ),
            not_before = null;
    end if;
    return cardinality(weeks);
exception when lock_not_available then
    insert into yardstick.postponed_weeks (source_id, measure_ids, from_date, to_date)
    select queue_weeks.source_id, queue_weeks.measure_ids, queue_weeks.from_date, queue_weeks.to_date
    where cardinality(weeks) > 0;
    return cardinality(weeks);
end
$queue_weeks$;

comment on function yardstick_engine.queue_weeks(uuid, uuid[], date, date) is
'Queues measures of a source for whole calculation, or with null what is dirty, in each week that touches local dates [from_date, to_date), beside what is queued already. Weeks that another session holds for two seconds are queued by the next tick that can. Returns the number of weeks.';
