create or replace function yardstick_engine.queue_history(metric_id uuid)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $queue_history$
declare
    queued integer;
    bounds record;
begin
    select s.id as source_id, b.first_date, b.last_date
    into bounds
    from yardstick.metric_definitions as d
    inner join yardstick.metric_sources as s on s.id = d.source_id
    cross join lateral yardstick_engine.source_dates(s.id) as b
    where d.id = queue_history.metric_id;

    if exists (select from yardstick.metric_definitions as d where d.id = queue_history.metric_id and d.source_id is null) then
        return yardstick_engine.queue_metric_history(queue_history.metric_id, null, null, null);
    end if;
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
        array(select m.measure_id from yardstick_engine.metric_measure_ids(queue_history.metric_id) as m (measure_id)),
        bounds.first_date,
        bounds.last_date + 1
    );
    perform yardstick_engine.queue_fill(queue_history.metric_id, bounds.first_date, current_date + 1);
    return queued;
end
$queue_history$;

comment on function yardstick_engine.queue_history(uuid) is
'Queues the whole history of a metric, from the first to the last row of its source, and returns the number of weeks queued: 0 while the source is empty. Of a metric without measures the periods are queued, and their number is returned.';
grant execute on function yardstick_engine.queue_history(uuid) to yardstick_owner, yardstick_dba;
