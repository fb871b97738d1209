create or replace function yardstick_engine.queue_refresh(
    organization_id uuid,
    metric_id       uuid,
    from_time       timestamptz,
    to_time         timestamptz
)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set jit = off
-- Nobody waits long for another's transaction.
set lock_timeout = '2s'
as $queue_refresh$
declare
    bounds record;
begin
    select
        d.source_id,
        greatest(min((queue_refresh.from_time at time zone o.timezone)::date), date '1990-01-01') as from_date,
        least(max((queue_refresh.to_time at time zone o.timezone)::date), make_date(extract(year from now())::integer + 5, 12, 31)) as to_date
    into bounds
    from yardstick.metric_definitions as d
    inner join yardstick.organizations as o
        on o.is_active and (queue_refresh.organization_id is null or o.id = queue_refresh.organization_id)
    where d.id = queue_refresh.metric_id
    group by d.source_id;
    begin
        perform yardstick_engine.release_metric(queue_refresh.organization_id, queue_refresh.metric_id);
    exception when lock_not_available then
        raise exception using
            errcode = '55P03',
            message = 'another session releases this metric and has not committed',
            hint = 'Try again once its transaction has ended.';
    end;
    if bounds.from_date is null or bounds.from_date > bounds.to_date then
        return 0;
    end if;
    if bounds.source_id is null then
        begin
            return yardstick_engine.queue_metric_history(
                queue_refresh.metric_id, queue_refresh.organization_id, bounds.from_date, bounds.to_date
            );
        exception when lock_not_available then
            perform yardstick_engine.note_locked(queue_refresh.metric_id, sqlerrm);
            return 0;
        end;
    end if;
    perform yardstick_engine.queue_fill(queue_refresh.metric_id, bounds.from_date, bounds.to_date);

    return yardstick_engine.queue_weeks(
        bounds.source_id,
        array(select m.measure_id from yardstick_engine.metric_measure_ids(queue_refresh.metric_id) as m (measure_id)),
        bounds.from_date,
        bounds.to_date + 1
    );
end
$queue_refresh$;

comment on function yardstick_engine.queue_refresh(uuid, uuid, timestamptz, timestamptz) is
'Queues a metric for calculation from its source in every week that touches the given time, and returns their number. Scans are shared by all organizations of a source, so a week is queued for all of them. Of a metric without measures the periods of the organization are queued. A metric that was held or quarantined is released, and its history queued.';
grant execute on function yardstick_engine.queue_refresh(uuid, uuid, timestamptz, timestamptz) to yardstick_owner;
