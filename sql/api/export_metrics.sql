-- Definer, with the owner's rights. A DBA who has chosen no organization exports what is defined for the whole platform.
create or replace function yardstick_api.export_metrics()
returns table (metric_id uuid, metric_name text, definition jsonb, metric_version integer, is_retired boolean)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $export_metrics$
declare
    organization uuid := yardstick.current_organization();
begin
    if organization is null and not pg_has_role(session_user, 'yardstick_dba', 'member') then
        organization := yardstick.require_organization();
    end if;
    return query
    select
        d.id,
        d.metric_name,
        jsonb_strip_nulls(jsonb_build_object(
            'metric_name', d.metric_name,
            'display_name', d.display_name,
            'description', d.description,
            'metric_category', d.metric_category,
            'metric_type', d.metric_type,
            'unit_of_measure', d.unit_of_measure,
            'calculation_method', d.calculation_method,
            'calculation_formula', d.calculation_formula,
            'data_sources', d.data_sources,
            'parameters', d.parameters,
            'aggregation_levels', d.aggregation_levels,
            'time_windows', d.time_windows,
            'target_value', d.target_value,
            'target_low', d.target_low,
            'target_high', d.target_high,
            'threshold_config', d.threshold_config,
            'direction', d.direction,
            'refresh_frequency', d.refresh_frequency,
            'retention_days', d.retention_days,
            'is_active', d.is_active,
            'is_public', d.is_public,
            'owner_id', d.owner_id,
            'tags', d.tags
        )),
        d.version,
        d.deleted_at is not null
    from yardstick.metric_definitions as d
    where d.organization_id is not distinct from organization
    order by d.metric_name;
end
$export_metrics$;

comment on function yardstick_api.export_metrics() is
'The definitions of the organization that is chosen, or for a DBA without one those of the platform, as define_metric takes them; those of retired metrics too. '
'YS004: no organization chosen.';

grant execute on function yardstick_api.export_metrics() to yardstick_app, yardstick_dba, yardstick_worker;
