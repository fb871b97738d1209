create or replace function yardstick_engine.proposed_definition(content jsonb, result jsonb)
returns yardstick.metric_definitions
language sql
stable
set search_path = pg_catalog, pg_temp
as $proposed_definition$
    select jsonb_populate_record(
        null::yardstick.metric_definitions,
        jsonb_build_object(
            'aggregation_levels', jsonb_build_array('org'), 'time_windows', jsonb_build_array('monthly'),
            'refresh_frequency', 'daily', 'is_active', true, 'is_public', false, 'data_sources', jsonb '{}'
        ) || proposed_definition.content || proposed_definition.result
    )
$proposed_definition$;

comment on function yardstick_engine.proposed_definition(jsonb, jsonb) is
'The row that a definition, and what compile returned of it, would make: with the defaults of what it leaves out.';
