-- What can be said of a definition alone, as rows of the validation report; compile looks at the source, and at other metrics.
create or replace function yardstick_engine.check_definition(definition jsonb)
returns table (check_name text, passed boolean, detail text)
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $check_definition$
declare
    problems text[];
    wrong    text[];
begin
    problems := array(select yardstick_engine.key_problems(definition, '{
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
    }', ''));
    wrong := array(select substring(p.problem from '^[^:]*') from unnest(problems) as p (problem));
    return query
    select 'keys', false, p.problem from unnest(problems) as p (problem)
    union all
    select 'keys', true, 'every key is known and has a value of its kind' where problems = '{}';

    return query
    with

    checks (number, check_name, keys, if_passed) as (

        values
        (1, 'data_sources', array['$', 'calculation_method', 'calculation_formula', 'data_sources', 'metric_type'],
            format('fit calculation_method %s', definition ->> 'calculation_method')),
        (2, 'targets', array['$', 'direction', 'metric_type', 'target_value', 'target_low', 'target_high'], 'fit direction and metric_type'),
        (3, 'thresholds', array['$', 'direction', 'threshold_config'], 'are in the order of the direction')

    ),

    judged as (

        select
            c.number,
            c.check_name,
            c.if_passed,
            case
                when c.keys && wrong then array[format(
                    'not checked: %s has to be right first', (select w.key from unnest(wrong) as w (key) where w.key = any(c.keys) limit 1)
                )]
                when c.number = 1 then array(select yardstick_engine.check_method(definition))
                when c.number = 2 then array(select yardstick_engine.check_target_keys(definition))
                else array(select yardstick_engine.check_threshold_keys(definition))
            end as problems
        from checks as c

    )

    select j.check_name, p.problem is null, coalesce(p.problem, j.if_passed)
    from judged as j
    left join lateral unnest(j.problems) with ordinality as p (problem, place) on true
    order by j.number, p.place;
end
$check_definition$;

comment on function yardstick_engine.check_definition(jsonb) is
'Checks keys, data_sources, targets and thresholds of a definition by themselves: one row per thing that is wrong (YS001), with the path of the key, or one per check that passed.';
