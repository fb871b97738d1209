create or replace function yardstick_engine.clear_given_errors(organization_ids uuid[], metric_ids uuid[])
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $clear_given_errors$
    update yardstick.metric_definitions as d
    set last_error_code = null, last_error = null
    where d.id = any(clear_given_errors.metric_ids) and d.last_error_code is not null
        and not exists (
            select from yardstick.metric_calculations as c
            where c.organization_id = any(clear_given_errors.organization_ids) and c.metric_id = d.id and c.calculation_status = 'error'
        )
$clear_given_errors$;

comment on function yardstick_engine.clear_given_errors(uuid[], uuid[]) is
'Takes back the errors of metrics without measures that were valued, unless another period of them still failed.';
