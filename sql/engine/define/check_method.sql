-- What each way of calculating takes its values from.
create or replace function yardstick_engine.check_method(definition jsonb)
returns setof text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $check_method$
declare
    calculation_method constant text := definition ->> 'calculation_method';
    sources            constant jsonb := coalesce(nullif(definition -> 'data_sources', 'null'), '{}');
    problems           text[];
    problem            text;
begin
    if calculation_method in ('aggregation', 'sql', 'function') and sources = '{}' then
        return next 'data_sources: is required for calculation_method ' || calculation_method || case calculation_method
            when 'aggregation' then ': {source, measures} over the rows of a source, or {metrics} over other metrics'
            when 'sql' then ': {sources: [...]} names what the query reads'
            else ': {function: ...} names it'
        end;
        return;
    end if;

    case calculation_method
        when 'aggregation' then
            if sources ? 'metrics' and (sources ? 'source' or sources ? 'measures') then
                return next 'data_sources.metrics: cannot stand beside source and measures; make a metric of the measures, and this one of metrics';
            elsif sources ? 'metrics' then
                return query select yardstick_engine.check_children(definition);
            else
                return query select yardstick_engine.check_measures(sources);
                if definition ->> 'calculation_formula' is null and jsonb_typeof(sources -> 'measures') = 'object'
                    and (select count(*) > 1 from jsonb_object_keys(sources -> 'measures'))
                then
                    return next 'calculation_formula: is required to make one number of several measures';
                end if;
            end if;
            return;
        when 'sql' then
            problems := array(select yardstick_engine.key_problems(sources, '{"sources": {"type": "list", "required": true}}', 'data_sources'));
            problem := case
                when cardinality(problems) > 0 then null
                when jsonb_array_length(sources -> 'sources') = 0 then 'data_sources.sources: must name at least one source'
                when jsonb_array_length(sources -> 'sources') > 8 then 'data_sources.sources: must not name more than 8 sources; a view can join some of them'
                when definition ->> 'calculation_formula' is null then
                    'calculation_formula: is required: a SELECT that gives value, or aggregation_id, value and sample_size'
            end;
        when 'function' then
            problems := array(select yardstick_engine.key_problems(
                sources, '{"function": {"type": "text", "required": true, "max": 63}}', 'data_sources'
            ));
            problem := case
                when definition ->> 'calculation_formula' is not null then
                    'calculation_formula: is not for calculation_method function, whose function gives the value; leave it out'
            end;
        else
            problems := array(select yardstick_engine.key_problems(sources, '{
                "agg": {"type": "text", "one_of": ["count", "sum", "avg", "min", "max", "stddev", "first", "last"]},
                "over_time": {"type": "text", "one_of": ["last", "first", "avg", "min", "max"]},
                "fill": {"type": "text", "one_of": ["zero", "carry_forward"]}
            }', 'data_sources'));
            problem := case
                when definition ->> 'calculation_formula' is not null then
                    format('calculation_formula: is not for calculation_method %s, whose values are recorded; leave it out', calculation_method)
                when cardinality(problems) > 0 then null
                when sources ->> 'over_time' is not null and coalesce(sources ->> 'agg' not in ('count', 'sum', 'avg', 'min', 'max'), true) then
                    'data_sources.over_time: needs an agg of count, sum, avg, min or max'
                when sources ->> 'fill' = 'zero' and (coalesce(sources ->> 'agg' not in ('count', 'sum'), true) or sources ->> 'over_time' is not null) then
                    'data_sources.fill: zero needs an agg of count or sum, without over_time; use carry_forward'
            end;
    end case;
    return query select unnest(problems);
    if problem is not null then
        return next problem;
    end if;
end
$check_method$;

comment on function yardstick_engine.check_method(jsonb) is
'What does not fit the calculation_method of a definition in its data_sources and formula, each with the path of the key.';
