create or replace function yardstick.definition_content(definition yardstick.metric_definitions)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $definition_content$
    select jsonb_object_agg(k.key, k.value)
    from jsonb_each(to_jsonb(definition)) as k
    where
        k.value <> 'null'
        and k.key in (
            'metric_name', 'display_name', 'description', 'metric_category', 'metric_type', 'unit_of_measure', 'calculation_method',
            'calculation_formula', 'data_sources', 'parameters', 'aggregation_levels', 'time_windows', 'target_value', 'target_low',
            'target_high', 'threshold_config', 'direction', 'refresh_frequency', 'retention_days', 'is_active', 'is_public',
            'owner_id', 'tags'
        )
$definition_content$;

comment on function yardstick.definition_content(yardstick.metric_definitions) is
'What the row of a metric says, by the keys of define_metric, without what the engine keeps there.';
grant execute on function yardstick.definition_content(yardstick.metric_definitions) to yardstick_engine_role;
