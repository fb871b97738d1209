create or replace function yardstick_engine.compile_measures(definition jsonb, organization_id uuid)
returns jsonb
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $compile_measures$
declare
    sources       jsonb := definition -> 'data_sources';
    source        yardstick.metric_sources;
    level         text;
    common_filter text;
    measures      jsonb := '{}'::jsonb;
    measure       record;
    column_names  text[];
    column_types  text[];
    measure_names text[];
begin
    source := yardstick_engine.find_source(compile_measures.organization_id, sources ->> 'source');
    if source.id is null then
        raise exception using
            errcode = 'YS003',
            message = format(
                'data_sources.source: unknown source "%s"; a DBA registers it with yardstick_api.register_source', sources ->> 'source'
            );
    end if;
    select
        array_agg(c.column_name),
        array_agg(c.type_name)
    into column_names, column_types
    from yardstick_engine.source_columns(source.id) as c;
    if column_names is null then
        raise exception using
            errcode = 'YS008',
            message = format('data_sources.source: %s is gone; bring it back or register the source again', source.relation);
    end if;

    for level in
        select l.level from jsonb_array_elements_text(nullif(definition -> 'aggregation_levels', 'null')) as l (level)
    loop
        if (level = 'dept' and source.department_column is null)
            or (level = 'team' and source.team_column is null)
            or (level = 'user' and source.user_column is null)
        then
            raise exception using
                errcode = 'YS001',
                message = format(
                    'aggregation_levels: the source %s has no column for the level %s; leave it out or register the source with it',
                    source.source_name, level
                );
        end if;
    end loop;
    if sources ->> 'key' is not null and source.key_column is null then
        raise exception using
            errcode = 'YS001',
            message = format('data_sources.key: the source %s has no key column; use where', source.source_name);
    end if;

    if sources ->> 'where' is not null then
        common_filter := yardstick_engine.probe_expression(
            'data_sources.where', 'filter', sources ->> 'where', column_names, column_types
        );
    end if;
    for measure in
        select m.key, m.value from jsonb_each(sources -> 'measures') as m order by m.key
    loop
        measures := measures || jsonb_build_object(measure.key, yardstick_engine.compile_measure(
            compile_measures.organization_id, source, sources ->> 'key', common_filter, 'data_sources.measures.' || measure.key,
            measure.value, column_names, column_types
        ));
        measure_names := measure_names || measure.key;
    end loop;

    return jsonb_build_object('source_id', source.id, 'compiled', jsonb_strip_nulls(jsonb_build_object(
        'measures', measures,
        'fill', sources -> 'fill',
        'simple', case when definition ->> 'calculation_formula' is null then true end,
        'formula', case
            when definition ->> 'calculation_formula' is null then quote_ident(measure_names[1])
            else yardstick_engine.probe_expression(
                'calculation_formula', 'formula', definition ->> 'calculation_formula', measure_names,
                array_fill('numeric'::text, array[cardinality(measure_names)])
            )
        end
    )));
end
$compile_measures$;

comment on function yardstick_engine.compile_measures(jsonb, uuid) is
'Checks a definition against its source, keeps its measures, and returns {source_id, compiled: {formula, measures, fill}}.';
