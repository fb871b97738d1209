create or replace function yardstick_api.refresh_metric(
    metric_name text,
    from_time   timestamptz,
    to_time     timestamptz
)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $refresh_metric$
declare
    organization_id constant uuid := yardstick.require_organization();
    metric_id       uuid;
begin
    if refresh_metric.from_time is null or refresh_metric.to_time is null
        or not (refresh_metric.from_time <= refresh_metric.to_time)
    then
        raise exception using errcode = 'YS001',
            message = 'from_time must be at or before to_time, and neither null';
    end if;
    if refresh_metric.from_time < timestamptz '1990-01-01 00:00+00'
        or refresh_metric.to_time >= make_timestamptz(extract(year from now())::integer + 6, 1, 1, 0, 0, 0, 'UTC')
    then
        raise exception using errcode = 'YS006',
            message = format('from_time and to_time must lie between 1990 and the end of %s', extract(year from now())::integer + 5);
    end if;
    metric_id := yardstick_engine.find_metric(organization_id, refresh_metric.metric_name);
    return yardstick_engine.queue_refresh(organization_id, metric_id, refresh_metric.from_time, refresh_metric.to_time);
end
$refresh_metric$;

comment on function yardstick_api.refresh_metric(text, timestamptz, timestamptz) is
'Queues a metric for calculation from its source between two times and returns the number of weeks queued; the next tick calculates them. A metric that failed or is quarantined is released, with the history it has missed. YS001: the times are not in order. YS003: no such metric. YS004: no organization chosen. YS006: a time before 1990 or more than five years ahead.';
grant execute on function yardstick_api.refresh_metric(text, timestamptz, timestamptz) to yardstick_app, yardstick_worker, yardstick_dba;
