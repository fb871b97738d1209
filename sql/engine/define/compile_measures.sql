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
    measure_units text[];
    formula       text;
    gone          text;
    problem       text;
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
    select c.column_name into gone
    from unnest(array[
        source.time_column, source.organization_column, source.department_column, source.team_column, source.user_column,
        source.key_column
    ]) as c (column_name)
    where c.column_name <> all (column_names);
    if gone is not null then
        raise exception using
            errcode = 'YS008',
            message = format(
                'data_sources.source: the column %I of %s is gone; bring it back or register the source again', gone, source.relation
            );
    end if;
    if source.relation !~ '^yardstick\.' then
        perform yardstick_engine.require_relation('data_sources.source', source.relation);
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
            measure.value || jsonb_build_object('is_alone', definition ->> 'calculation_formula' is null), column_names, column_types
        ));
        measure_names := measure_names || measure.key;
        measure_units := measure_units
            || case when measure.value ->> 'agg' in ('count', 'count_distinct') then 'count' else measure.value ->> 'unit' end;
    end loop;
    formula := case
        when definition ->> 'calculation_formula' is null then quote_ident(measure_names[1])
        else yardstick_engine.probe_expression(
            'calculation_formula', 'formula', definition ->> 'calculation_formula', measure_names,
            array_fill('numeric'::text, array[cardinality(measure_names)])
        )
    end;
    problem := yardstick_engine.unit_problem(
        yardstick_engine.formula_unit(formula, measure_names, measure_units), definition ->> 'unit_of_measure'
    );
    if problem is not null then
        raise exception using errcode = 'YS001', message = problem, constraint = 'units';
    end if;

    return jsonb_build_object('source_id', source.id, 'compiled', jsonb_strip_nulls(jsonb_build_object(
        'measures', measures,
        'fill', sources -> 'fill',
        'simple', case when definition ->> 'calculation_formula' is null then true end,
        'formula', formula
    )));
end
$compile_measures$;

comment on function yardstick_engine.compile_measures(jsonb, uuid) is
'Checks a definition against its source, keeps its measures, and returns {source_id, compiled: {formula, measures, fill}}.';
