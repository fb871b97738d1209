create or replace function yardstick_engine.insert_definition(
    proposed        yardstick.metric_definitions,
    organization_id uuid,
    user_id         uuid
)
returns yardstick.metric_definitions
language sql
volatile
set search_path = pg_catalog, pg_temp
as $insert_definition$
    insert into yardstick.metric_definitions as d (
        organization_id, metric_name, display_name, calculation_method, data_sources, approval_status, compiled, is_active,
        created_by, updated_by
    )
    values (
        insert_definition.organization_id, (insert_definition.proposed).metric_name, (insert_definition.proposed).display_name,
        (insert_definition.proposed).calculation_method, (insert_definition.proposed).data_sources, 'draft', '{}',
        (insert_definition.proposed).is_active, insert_definition.user_id, insert_definition.user_id
    )
    returning d
$insert_definition$;

comment on function yardstick_engine.insert_definition(yardstick.metric_definitions, uuid, uuid) is
'The new row of a metric, still a draft with little in it.';
