create or replace function yardstick_engine.compile(definition jsonb, organization_id uuid)
returns jsonb
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $compile$
begin
    if definition #> '{data_sources,metrics}' is not null then
        return yardstick_engine.compile_children(definition, compile.organization_id);
    end if;
    case definition ->> 'calculation_method'
        when 'aggregation' then
            return yardstick_engine.compile_measures(definition, compile.organization_id);
        when 'sql' then
            return yardstick_engine.compile_query(definition, compile.organization_id);
        when 'function' then
            return yardstick_engine.compile_function(definition, compile.organization_id);
        else
            -- What is recorded under the metric's name is a source like any other. Of counts and sums the records of a longer period
            -- add up; of anything else the last one holds.
            return yardstick_engine.compile_measures(
                definition || jsonb_build_object('data_sources', jsonb_strip_nulls(jsonb_build_object(
                    'source', 'analytics_metrics', 'key', definition -> 'metric_name', 'fill', definition #> '{data_sources,fill}',
                    'measures', jsonb_build_object('value', jsonb_build_object(
                        'agg', coalesce(
                            definition #>> '{data_sources,agg}',
                            case when definition ->> 'metric_type' in ('count', 'sum') then 'sum' else 'last' end
                        ),
                        'over_time', definition #> '{data_sources,over_time}'
                    ))
                ))),
                compile.organization_id
            );
    end case;
end
$compile$;

comment on function yardstick_engine.compile(jsonb, uuid) is
'Checks a definition against its source, the metrics it is made of, or what its query reads, and returns {source_id, compiled} for the row of the metric.';
