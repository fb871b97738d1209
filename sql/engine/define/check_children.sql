create or replace function yardstick_engine.check_children(definition jsonb)
returns setof text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $check_children$
declare
    child    record;
    problems text[];
    problem  text;
    is_score constant boolean := coalesce(definition ->> 'metric_type' = 'score', false) and definition ->> 'calculation_formula' is null;
begin
    problems := array(select yardstick_engine.key_problems(
        definition -> 'data_sources', '{"metrics": {"type": "object", "required": true}}', 'data_sources'
    ));
    return query select unnest(problems);
    if jsonb_typeof(definition #> '{data_sources,metrics}') is distinct from 'object' then
        return;
    end if;
    if definition #> '{data_sources,metrics}' = '{}' then
        return next 'data_sources.metrics: must name at least one metric, such as {defects: defect_count}';
    end if;
    if (select count(*) > 100 from jsonb_object_keys(definition #> '{data_sources,metrics}')) then
        return next 'data_sources.metrics: must not name more than 100 metrics; make several metrics of them, and one of those';
        return;
    end if;
    for child in
        select m.key, m.value, 'data_sources.metrics.' || left(m.key, 100) as path
        from jsonb_each(definition #> '{data_sources,metrics}') as m
        order by m.key
    loop
        problem := yardstick_engine.value_problem(to_jsonb(child.key), '{"type": "name"}');
        if problem is not null then
            return next format('%s: %s', child.path, problem);
            continue;
        end if;
        if jsonb_typeof(child.value) = 'string' then
            problem := yardstick_engine.value_problem(child.value, '{"type": "name"}');
            if problem is not null then
                return next format('%s: %s', child.path, problem);
            end if;
            continue;
        end if;
        problems := array(select yardstick_engine.key_problems(child.value, '{
            "metric": {"type": "name", "required": true},
            "lag": {"type": "integer", "min": 0, "max": 1000},
            "weight": {"type": "number"}
        }', child.path));
        if cardinality(problems) > 0 then
            return query select unnest(problems);
            continue;
        end if;
        problem := case
            when child.value ->> 'weight' is null then null
            when not is_score then 'weight: is only for metric_type score without a formula; a formula says itself how its parts weigh'
            when (child.value ->> 'weight')::numeric not between 0.0001 and 9.9999 then 'weight: must lie between 0.0001 and 9.9999'
        end;
        if problem is not null then
            return next child.path || '.' || problem;
        end if;
    end loop;
    if not is_score and definition ->> 'calculation_formula' is null
        and (select count(*) > 1 from jsonb_object_keys(definition #> '{data_sources,metrics}'))
    then
        return next 'calculation_formula: is required to make one number of several metrics; only metric_type score does without';
    end if;
end
$check_children$;

comment on function yardstick_engine.check_children(jsonb) is
'What is wrong with data_sources over other metrics, each with the path of the key: its keys, and combinations that make no sense.';
