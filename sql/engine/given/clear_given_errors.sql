create or replace function yardstick_engine.clear_given_errors(
    period_type      integer,
    organization_ids uuid[],
    period_starts    date[],
    metric_ids       uuid[]
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $clear_given_errors$
begin
    if not exists (
        select from yardstick.metric_definitions as d
        where d.id = any(clear_given_errors.metric_ids) and d.last_error_code is not null
    ) then
        return;
    end if;

    -- The error of a metric that is not calculated for the organization stands there all the same, where no value replaces it.
    delete from yardstick.metric_calculations as c
    using
        unnest(clear_given_errors.organization_ids, clear_given_errors.period_starts, clear_given_errors.metric_ids) as k (organization_id, period_start, metric_id),
        yardstick.organizations as o, yardstick.metric_definitions as d
    where o.id = k.organization_id and d.id = k.metric_id and not 'org' = any(d.aggregation_levels)
        and c.organization_id = k.organization_id and c.metric_id = k.metric_id and c.aggregation_level = 'org' and c.aggregation_id = k.organization_id
        and c.time_window = yardstick_engine.window_name(clear_given_errors.period_type)
        and c.period_start = yardstick_engine.local_midnight(k.period_start, o.timezone)
        and c.calculation_status = 'error';

    update yardstick.metric_definitions as d
    set last_error_code = null, last_error = null
    where d.id = any(clear_given_errors.metric_ids) and d.last_error_code is not null
        and not exists (
            select from yardstick.organizations as o
            inner join yardstick.metric_calculations as c on c.organization_id = o.id and c.metric_id = d.id and c.calculation_status = 'error'
        );
end
$clear_given_errors$;

comment on function yardstick_engine.clear_given_errors(integer, uuid[], date[], uuid[]) is
'Takes back the errors of periods (parallel arrays organization, period start, metric) of metrics without measures that were valued; a metric of which another period still fails goes on as failing.';
