-- Definer, with the owner's rights, under the policies of the login.
create or replace function yardstick_api.metric_value_as_of(
    metric_name text,
    level       text,
    id          uuid,
    time_window text,
    at          timestamptz,
    as_of       timestamptz default null
)
returns numeric
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $metric_value_as_of$
declare
    organization constant uuid := yardstick.require_organization();
    metric       uuid;
    scope        uuid;
    last_end     timestamptz;
begin
    perform yardstick.check_window(metric_value_as_of.level, metric_value_as_of.time_window);
    scope := yardstick.check_scope(metric_value_as_of.level, metric_value_as_of.id);
    metric := yardstick_engine.find_metric(organization, metric_value_as_of.metric_name);
    last_end := yardstick_engine.last_period_end(organization, metric_value_as_of.time_window, metric_value_as_of.at);
    -- While a period runs nothing has been stated of it.
    if metric_value_as_of.as_of < last_end then
        return null;
    end if;
    -- What stood then stood until it was superseded: the first that was superseded after.
    return (
        select k.metric_value
        from (
            select r.metric_value, r.superseded_at, r.created_at
            from yardstick.metric_calculation_revisions as r
            where
                r.organization_id = organization and r.metric_id = metric and r.aggregation_level = metric_value_as_of.level
                and r.aggregation_id = scope and r.time_window = metric_value_as_of.time_window and r.period_end = last_end
            union all
            select c.metric_value, 'infinity', c.created_at
            from yardstick.metric_calculations as c
            where
                c.organization_id = organization and c.metric_id = metric and c.aggregation_level = metric_value_as_of.level
                and c.aggregation_id = scope and c.time_window = metric_value_as_of.time_window and c.period_end = last_end
        ) as k
        where
            metric_value_as_of.as_of is null
            or (k.superseded_at > metric_value_as_of.as_of and k.created_at <= metric_value_as_of.as_of)
        order by k.superseded_at
        limit 1
    );
end
$metric_value_as_of$;

comment on function yardstick_api.metric_value_as_of(text, text, uuid, text, timestamptz, timestamptz) is
'Value of a metric for one scope in the last period of the window that had ended at a time, as it was known at as_of, or with null as it was first stated '
'after the period had ended. Null: it had no value, or was not calculated yet. Errors as metric_value.';

grant execute on function yardstick_api.metric_value_as_of(text, text, uuid, text, timestamptz, timestamptz)
to yardstick_app, yardstick_worker, yardstick_dba;
