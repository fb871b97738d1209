create or replace function yardstick_engine.queue_history(metric_id uuid)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $queue_history$
declare
    queued      integer;
    bounds      record;
    measure_ids uuid[];
begin
    select s.id as source_id, s.capture, b.first_date, b.last_date
    into bounds
    from yardstick.metric_definitions as d
    inner join yardstick.metric_sources as s on s.id = d.source_id
    left join lateral yardstick_engine.source_dates(s.id) as b on true
    where d.id = queue_history.metric_id;

    if exists (select from yardstick.metric_definitions as d where d.id = queue_history.metric_id and d.source_id is null) then
        return yardstick_engine.queue_metric_history(queue_history.metric_id, null, null, null);
    end if;
    -- Who empties a table to fill it anew is not heard of without capture: its history would be read while there is none.
    if bounds.first_date is null and not bounds.capture then
        return 0;
    end if;

    measure_ids := array(select m.measure_id from yardstick_engine.metric_measure_ids(queue_history.metric_id) as m (measure_id));
    -- Days that have states or values and, perhaps, no rows any more.
    select least(bounds.first_date, k.first_date) as first_date, greatest(bounds.last_date, k.last_date) as last_date, bounds.source_id
    into bounds
    from (
        select min(n.first_date) as first_date, max(n.last_date) as last_date
        from (
            select s.first_date, s.last_date from yardstick_engine.state_dates(measure_ids, null) as s
            union all
            select v.first_date, v.last_date from yardstick_engine.queue_former_values(queue_history.metric_id) as v
        ) as n
    ) as k;
    if bounds.first_date is null then
        return 0;
    end if;

    -- All of it is read again: what could not be read before is no matter any more.
    delete from yardstick.metric_calculations as c
    using yardstick.organizations as o
    where c.organization_id = o.id and c.metric_id = queue_history.metric_id
        and c.aggregation_level = 'org' and c.aggregation_id = o.id
        and c.metadata ? 'unread_dates';

    queued := yardstick_engine.queue_weeks(
        bounds.source_id,
        measure_ids,
        bounds.first_date,
        bounds.last_date + 1
    );
    perform yardstick_engine.queue_fill(queue_history.metric_id, bounds.first_date, current_date + 1);
    return queued;
end
$queue_history$;

comment on function yardstick_engine.queue_history(uuid) is
'Queues the whole history of a metric, from the first to the last row of its source, day that has states, or value that stands, and returns the number of weeks queued: 0 while a source without capture is empty. Of a metric without measures the periods are queued, and their number is returned.';
grant execute on function yardstick_engine.queue_history(uuid) to yardstick_owner, yardstick_dba;
