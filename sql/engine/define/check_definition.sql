-- What can be said of a definition alone; compile looks at the source, and at other metrics.
create or replace function yardstick_engine.check_definition(definition jsonb)
returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $check_definition$
begin
    perform yardstick_engine.check_keys_of(definition, '{
        "metric_name": {"type": "name", "required": true},
        "display_name": {"type": "text", "required": true, "max": 200},
        "description": {"type": "text"},
        "metric_category": {"type": "text", "one_of": ["compliance", "risk", "security", "operational", "financial", "quality",
            "performance", "training", "documents", "organizational"]},
        "metric_type": {"type": "text", "one_of": ["count", "percentage", "average", "sum", "ratio", "duration", "trend", "score"]},
        "unit_of_measure": {"type": "text", "max": 50},
        "calculation_method": {"type": "text", "required": true, "one_of": ["aggregation", "sql", "function", "external", "manual"]},
        "calculation_formula": {"type": "text"},
        "data_sources": {"type": "object"},
        "parameters": {"type": "object"},
        "aggregation_levels": {"type": "list", "one_of": ["org", "dept", "team", "user"]},
        "time_windows": {"type": "list", "one_of": ["daily", "weekly", "monthly", "quarterly", "annual"]},
        "target_value": {"type": "number"},
        "target_low": {"type": "number"},
        "target_high": {"type": "number"},
        "threshold_config": {"type": "object"},
        "direction": {"type": "text", "one_of": ["higher_better", "lower_better", "target_range"]},
        "refresh_frequency": {"type": "text", "one_of": ["real_time", "hourly", "daily", "weekly", "monthly", "on_demand"]},
        "retention_days": {"type": "integer", "max": 36500},
        "is_active": {"type": "boolean"},
        "is_public": {"type": "boolean"},
        "owner_id": {"type": "uuid"},
        "tags": {"type": "list"}
    }', '');
    perform yardstick_engine.check_method(definition);
    perform yardstick_engine.check_target_keys(definition);
    perform yardstick_engine.check_threshold_keys(definition);
end
$check_definition$;

comment on function yardstick_engine.check_definition(jsonb) is
'Refuses (YS001, with the path of the key) a metric definition with unknown keys, wrong values or combinations that make no sense.';
