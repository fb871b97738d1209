-- What can be said without looking at the source; compile looks at the source.
create or replace function yardstick_engine.check_definition(definition jsonb)
returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $check_definition$
declare
    measure   record;
    direction text;
    low       numeric;
    high      numeric;
    problem   text;
begin
    perform yardstick_engine.check_keys_of(definition, '{
        "metric_name": {"type": "name", "required": true},
        "display_name": {"type": "text", "required": true, "max": 200},
        "description": {"type": "text"},
        "metric_category": {"type": "text", "one_of": ["compliance", "risk", "security", "operational", "financial", "quality",
            "performance", "training", "documents", "organizational"]},
        "metric_type": {"type": "text", "one_of": ["count", "percentage", "average", "sum", "ratio", "duration", "trend", "score"]},
        "unit_of_measure": {"type": "text", "max": 50},
        "calculation_method": {"type": "text", "required": true},
        "calculation_formula": {"type": "text"},
        "data_sources": {"type": "object", "required": true},
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
    if definition ->> 'calculation_method' <> 'aggregation' then
        raise exception using
            errcode = 'YS001',
            message = format(
                'calculation_method: this version calculates aggregation (measures over one source and a formula); got "%s"',
                left(definition ->> 'calculation_method', 60)
            );
    end if;

    perform yardstick_engine.check_keys_of(definition -> 'data_sources', '{
        "source": {"type": "text", "required": true, "max": 63},
        "key": {"type": "text", "max": 100},
        "where": {"type": "text"},
        "measures": {"type": "object", "required": true}
    }', 'data_sources');
    if definition #> '{data_sources,measures}' = '{}' then
        raise exception using
            errcode = 'YS001', message = 'data_sources.measures: must name at least one measure, such as {closed: {agg: count}}';
    end if;
    for measure in
        select m.key, m.value, 'data_sources.measures.' || m.key as path
        from jsonb_each(definition #> '{data_sources,measures}') as m
        order by m.key
    loop
        problem := yardstick_engine.value_problem(to_jsonb(measure.key), '{"type": "name"}');
        if problem is not null then
            raise exception using errcode = 'YS001', message = format('data_sources.measures.%s: %s', left(measure.key, 100), problem);
        end if;
        perform yardstick_engine.check_keys_of(measure.value, '{
            "agg": {"type": "text", "required": true, "one_of": ["count", "sum", "avg", "min", "max"]},
            "value": {"type": "text"},
            "where": {"type": "text"},
            "unit": {"type": "text", "max": 50}
        }', measure.path);
        if measure.value ->> 'agg' = 'count' and measure.value ->> 'unit' is not null then
            raise exception using
                errcode = 'YS001', message = format('%s.unit: what is counted has the unit count; leave it out', measure.path);
        end if;
    end loop;
    if definition ->> 'calculation_formula' is null
        and (select count(*) > 1 from jsonb_object_keys(definition #> '{data_sources,measures}'))
    then
        raise exception using
            errcode = 'YS001', message = 'calculation_formula: is required to make one number of several measures';
    end if;

    direction := definition ->> 'direction';
    low := (definition ->> 'target_low')::numeric;
    high := (definition ->> 'target_high')::numeric;
    problem := case
        when direction = 'target_range' and low is null then 'target_low: is required with direction target_range'
        when direction = 'target_range' and high is null then 'target_high: is required with direction target_range'
        when direction is distinct from 'target_range' and low is not null then 'target_low: is only for direction target_range'
        when direction is distinct from 'target_range' and high is not null then 'target_high: is only for direction target_range'
        when low > high then 'target_low: must not be above target_high'
        when (definition ->> 'target_value')::numeric not between low and high then
            'target_value: must lie between target_low and target_high'
    end;
    if problem is not null then
        raise exception using errcode = 'YS001', message = problem;
    end if;

    if definition ->> 'threshold_config' is null then
        return;
    end if;
    perform yardstick_engine.check_keys_of(definition -> 'threshold_config', '{
        "at_risk": {"type": "number", "required": true},
        "off_track": {"type": "number", "required": true}
    }', 'threshold_config');
    problem := case
        when direction is null then 'needs a direction that says which side is better'
        when direction = 'target_range' then 'is not for direction target_range, where the range says what is on track'
        when direction = 'higher_better'
            and (definition #>> '{threshold_config,at_risk}')::numeric < (definition #>> '{threshold_config,off_track}')::numeric
            then 'off_track must not be above at_risk when higher is better'
        when direction = 'lower_better'
            and (definition #>> '{threshold_config,at_risk}')::numeric > (definition #>> '{threshold_config,off_track}')::numeric
            then 'off_track must not be below at_risk when lower is better'
    end;
    if problem is not null then
        raise exception using errcode = 'YS001', message = 'threshold_config: ' || problem;
    end if;
end
$check_definition$;

comment on function yardstick_engine.check_definition(jsonb) is
'Refuses (YS001, with the path of the key) a metric definition with unknown keys, wrong values or combinations that make no sense.';
