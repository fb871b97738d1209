-- What still cannot be queued is written down anew, and so comes last the next time.
create or replace function yardstick_engine.queue_postponed_weeks()
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $queue_postponed_weeks$
declare
    started constant timestamptz := clock_timestamp();
    part    record;
    queued  integer := 0;
begin
    for part in
        select p.ctid, p.source_id, p.measure_ids, p.from_date, p.to_date
        from yardstick.postponed_weeks as p
        order by p.added_at
        for update skip locked
    loop
        exit when clock_timestamp() > started + interval '5 seconds';
        delete from yardstick.postponed_weeks as p where p.ctid = part.ctid;
        queued := queued + yardstick_engine.queue_weeks(part.source_id, part.measure_ids, part.from_date, part.to_date);
    end loop;
    return queued;
end
$queue_postponed_weeks$;

comment on function yardstick_engine.queue_postponed_weeks() is
'Queues the weeks that another session had when they were asked for, where it has committed, and returns their number.';
