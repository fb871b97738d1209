create or replace function yardstick_api.metric_value(
    metric_name text,
    level       text,
    id          uuid,
    time_window text,
    at          timestamptz default now(),
    exact       boolean default false
)
returns numeric
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $metric_value$
declare
    organization    constant uuid := yardstick.require_organization();
    metric          uuid;
    last_end        timestamptz;
    answer          numeric;
    scope        uuid;
begin
    perform yardstick.check_window(metric_value.level, metric_value.time_window);
    scope := yardstick.check_scope(metric_value.level, metric_value.id);
    metric := yardstick_engine.find_metric(organization, metric_value.metric_name);

    -- The last period that has ended: one without rows is null, not the value of an earlier one.
    last_end := yardstick_engine.last_period_end(organization, metric_value.time_window, metric_value.at);
    if metric_value.exact then
        return yardstick_engine.exact_value(organization, metric, metric_value.level, scope, metric_value.time_window, last_end);
    end if;
    select c.metric_value
    into answer
    from yardstick.metric_calculations as c
    where c.organization_id = organization
        and c.metric_id = metric
        and c.aggregation_level = metric_value.level
        and c.aggregation_id = scope
        and c.time_window = metric_value.time_window
        and c.period_end = last_end;
    return answer;
end
$metric_value$;

comment on function yardstick_api.metric_value(text, text, uuid, text, timestamptz, boolean) is
'Value of a metric for one scope (level org, dept, team or user; id null at level org: the organization) in the last period of the window that had ended at the given time. Null when that period has no value. exact: as the rows are now, whatever waits to be calculated; for metrics with measures and those made of them. Nothing is stored. YS001: unknown level or window, or a missing id. YS003: no such metric or scope. YS004: no organization chosen. YS010: no exact value now; the message says why and what to do.';
grant execute on function yardstick_api.metric_value(text, text, uuid, text, timestamptz, boolean) to yardstick_app, yardstick_worker, yardstick_dba;
