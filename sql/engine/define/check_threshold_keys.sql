create or replace function yardstick_engine.check_threshold_keys(definition jsonb)
returns setof text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $check_threshold_keys$
declare
    direction constant text := definition ->> 'direction';
    problems  text[];
    problem   text;
begin
    if definition ->> 'threshold_config' is null then
        return;
    end if;
    problems := array(select yardstick_engine.key_problems(definition -> 'threshold_config', '{
        "at_risk": {"type": "number", "required": true},
        "off_track": {"type": "number", "required": true}
    }', 'threshold_config'));
    return query select unnest(problems);
    problem := case
        when direction is null then 'needs a direction that says which side is better'
        when direction = 'target_range' then 'is not for direction target_range, where the range says what is on track; leave it out'
        when cardinality(problems) > 0 then null
        when direction = 'higher_better'
            and (definition #>> '{threshold_config,at_risk}')::numeric < (definition #>> '{threshold_config,off_track}')::numeric
            then 'off_track must not be above at_risk when higher is better'
        when direction = 'lower_better'
            and (definition #>> '{threshold_config,at_risk}')::numeric > (definition #>> '{threshold_config,off_track}')::numeric
            then 'off_track must not be below at_risk when lower is better'
    end;
    if problem is not null then
        return next 'threshold_config: ' || problem;
    end if;
end
$check_threshold_keys$;

comment on function yardstick_engine.check_threshold_keys(jsonb) is
'What is wrong with the thresholds of a definition, each with the path of the key: they are complete, and in the order of the direction.';
