create or replace function yardstick_engine.write_definition(
    metric_id       uuid,
    proposed        yardstick.metric_definitions,
    version         integer,
    approval_status text,
    user_id         uuid
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $write_definition$
begin
    update yardstick.metric_definitions as d
    set
        display_name = proposed.display_name,
        description = proposed.description,
        metric_category = proposed.metric_category,
        metric_type = proposed.metric_type,
        unit_of_measure = proposed.unit_of_measure,
        calculation_method = proposed.calculation_method,
        calculation_formula = proposed.calculation_formula,
        data_sources = proposed.data_sources,
        parameters = proposed.parameters,
        aggregation_levels = proposed.aggregation_levels,
        time_windows = proposed.time_windows,
        target_value = proposed.target_value,
        target_low = proposed.target_low,
        target_high = proposed.target_high,
        threshold_config = proposed.threshold_config,
        direction = proposed.direction,
        refresh_frequency = proposed.refresh_frequency,
        retention_days = proposed.retention_days,
        is_active = proposed.is_active,
        is_public = proposed.is_public,
        owner_id = proposed.owner_id,
        tags = proposed.tags,
        source_id = proposed.source_id,
        compiled = proposed.compiled,
        approval_status = write_definition.approval_status,
        version = write_definition.version,
        last_error_code = null,
        last_error = null,
        deleted_at = null,
        deleted_by = null,
        updated_by = write_definition.user_id
    where d.id = write_definition.metric_id;

    -- Another definition may do better.
    delete from yardstick.metric_failures as f where f.metric_id = write_definition.metric_id;
end
$write_definition$;

comment on function yardstick_engine.write_definition(uuid, yardstick.metric_definitions, integer, text, uuid) is
'Writes what a version says into the row of its metric.';
