create or replace function yardstick_engine.periods_of_values(
    metric_id       uuid,
    organization_id uuid,
    from_date       date,
    to_date         date
)
returns table (organization_id uuid, metric_id uuid, period_type integer, period_start date)
language sql
stable
set search_path = pg_catalog, pg_temp
as $periods_of_values$
    select distinct c.organization_id, c.metric_id, k.period_type, p.period_start
    from yardstick.metric_definitions as d
    inner join yardstick.organizations as o
        on o.is_active and (d.organization_id is null or o.id = d.organization_id)
        and (periods_of_values.organization_id is null or o.id = periods_of_values.organization_id)
    inner join yardstick.metric_calculations as c
        on c.organization_id = o.id and c.metric_id = d.id and c.time_window = any(d.time_windows)
    cross join lateral (select yardstick_engine.period_type(c.time_window) as period_type) as k
    cross join lateral (select (c.period_start at time zone o.timezone)::date as period_start) as p
    where d.id = periods_of_values.metric_id
        and (periods_of_values.from_date is null or (c.period_end at time zone o.timezone)::date > periods_of_values.from_date)
        and (periods_of_values.to_date is null or p.period_start <= periods_of_values.to_date)
$periods_of_values$;

comment on function yardstick_engine.periods_of_values(uuid, uuid, date, date) is
'Periods of which a metric has values that touch two local dates (null: all), for one organization or with null for all it is calculated for that are open.';
