create or replace function yardstick_api.metric_series(
    metric_name text,
    level       text,
    id          uuid,
    time_window text,
    from_time   timestamptz,
    to_time     timestamptz
)
returns table (
    period_start         timestamptz,
    period_end           timestamptz,
    metric_value         numeric,
    previous_value       numeric,
    change_percentage    numeric,
    target_value         numeric,
    variance_from_target numeric,
    sample_size          integer,
    calculation_status   text,
    is_complete          boolean,
    completeness         numeric
)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $metric_series$
declare
    organization constant uuid := yardstick.require_organization();
    metric       uuid;
    scope        uuid;
begin
    perform yardstick.check_window(metric_series.level, metric_series.time_window);
    scope := yardstick.check_scope(metric_series.level, metric_series.id);
    if metric_series.from_time is null or metric_series.to_time is null then
        raise exception using errcode = 'YS001', message = 'from_time and to_time: give both';
    end if;
    metric := yardstick_engine.find_metric(organization, metric_series.metric_name);

    return query
    select
        c.period_start, c.period_end, c.metric_value::numeric, c.previous_value::numeric, c.change_percentage::numeric,
        c.target_value::numeric, c.variance_from_target::numeric, c.sample_size, c.calculation_status,
        (c.metadata ->> 'is_complete')::boolean, (c.metadata ->> 'completeness')::numeric
    from yardstick.metric_calculations as c
    where c.organization_id = organization
        and c.metric_id = metric
        and c.aggregation_level = metric_series.level
        and c.aggregation_id = scope
        and c.time_window = metric_series.time_window
        and c.period_start >= metric_series.from_time
        and c.period_start < metric_series.to_time
        and c.period_end > metric_series.from_time
        and c.period_end <= metric_series.to_time + interval '370 days'
    order by c.period_end;
end
$metric_series$;

comment on function yardstick_api.metric_series(text, text, uuid, text, timestamptz, timestamptz) is
'Values of a metric for one scope and window, for the periods that start in [from_time, to_time), oldest first, the running one included (is_complete false). A period without rows has no row here. YS001: unknown level or window, a missing id or time. YS003: no such metric or scope. YS004: no organization chosen.';
grant execute on function yardstick_api.metric_series(text, text, uuid, text, timestamptz, timestamptz) to yardstick_app, yardstick_worker, yardstick_dba;
