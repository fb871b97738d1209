-- What each way of calculating takes its values from.
create or replace function yardstick_engine.check_method(definition jsonb)
returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $check_method$
declare
    calculation_method constant text := definition ->> 'calculation_method';
    sources            constant jsonb := coalesce(nullif(definition -> 'data_sources', 'null'), '{}');
    problem            text;
begin
    if calculation_method in ('aggregation', 'sql', 'function') and sources = '{}' then
        raise exception using errcode = 'YS001', message = 'data_sources: is required for calculation_method ' || calculation_method || case calculation_method
            when 'aggregation' then ': {source, measures} over the rows of a source, or {metrics} over other metrics'
            when 'sql' then ': {sources: [...]} names what the query reads'
            else ': {function: ...} names it'
        end;
    end if;

    case calculation_method
        when 'aggregation' then
            if sources ? 'metrics' and (sources ? 'source' or sources ? 'measures') then
                raise exception using
                    errcode = 'YS001', message = 'data_sources.metrics: cannot stand beside source and measures; make a metric of the measures, and this one of metrics';
            elsif sources ? 'metrics' then
                perform yardstick_engine.check_children(definition);
            else
                perform yardstick_engine.check_measures(sources);
                if definition ->> 'calculation_formula' is null and (select count(*) > 1 from jsonb_object_keys(sources -> 'measures')) then
                    raise exception using
                        errcode = 'YS001', message = 'calculation_formula: is required to make one number of several measures';
                end if;
            end if;
        when 'sql' then
            perform yardstick_engine.check_keys_of(sources, '{"sources": {"type": "list", "required": true}}', 'data_sources');
            problem := case
                when jsonb_array_length(sources -> 'sources') = 0 then 'data_sources.sources: must name at least one source'
                when jsonb_array_length(sources -> 'sources') > 8 then 'data_sources.sources: must not name more than 8 sources; a view can join some of them'
                when definition ->> 'calculation_formula' is null then
                    'calculation_formula: is required: a SELECT that gives value, or aggregation_id, value and sample_size'
            end;
        when 'function' then
            perform yardstick_engine.check_keys_of(sources, '{"function": {"type": "text", "required": true, "max": 63}}', 'data_sources');
            problem := case
                when definition ->> 'calculation_formula' is not null then 'calculation_formula: is not for calculation_method function, whose function gives the value'
            end;
        else
            perform yardstick_engine.check_keys_of(sources, '{
                "agg": {"type": "text", "one_of": ["count", "sum", "avg", "min", "max", "stddev", "first", "last"]},
                "over_time": {"type": "text", "one_of": ["last", "first", "avg", "min", "max"]},
                "fill": {"type": "text", "one_of": ["zero", "carry_forward"]}
            }', 'data_sources');
            problem := case
                when definition ->> 'calculation_formula' is not null then
                    format('calculation_formula: is not for calculation_method %s, whose values are recorded', calculation_method)
                when sources ->> 'over_time' is not null and coalesce(sources ->> 'agg' not in ('count', 'sum', 'avg', 'min', 'max'), true) then
                    'data_sources.over_time: needs an agg of count, sum, avg, min or max'
                when sources ->> 'fill' = 'zero' and (coalesce(sources ->> 'agg' not in ('count', 'sum'), true) or sources ->> 'over_time' is not null) then
                    'data_sources.fill: zero needs an agg of count or sum, without over_time; use carry_forward'
            end;
    end case;
    if problem is not null then
        raise exception using errcode = 'YS001', message = problem;
    end if;
end
$check_method$;

comment on function yardstick_engine.check_method(jsonb) is
'Refuses (YS001, with the path of the key) a definition whose data_sources or formula do not fit its calculation_method.';
