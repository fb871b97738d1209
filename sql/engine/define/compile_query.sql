create or replace function yardstick_engine.compile_query(definition jsonb, organization_id uuid)
returns jsonb
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $compile_query$
declare
    item       record;
    source     yardstick.metric_sources;
    source_ids uuid[] := '{}';
    probed     jsonb;
    levels     constant text[] := array(
        select l.level from jsonb_array_elements_text(coalesce(definition -> 'aggregation_levels', '["org"]')) as l (level)
    );
    has_scopes boolean;
begin
    for item in
        select s.source_name, s.position - 1 as place
        from jsonb_array_elements_text(definition #> '{data_sources,sources}') with ordinality as s (source_name, position)
        order by s.position
    loop
        source := yardstick_engine.find_source(compile_query.organization_id, item.source_name);
        if source.id is null then
            raise exception using
                errcode = 'YS003',
                message = format(
                    'data_sources.sources[%s]: unknown source "%s"; a DBA registers it with yardstick_api.register_source',
                    item.place, item.source_name
                );
        end if;
        if to_regclass(source.relation) is null then
            raise exception using
                errcode = 'YS008',
                message = format('data_sources.sources[%s]: %s is gone; bring it back or register the source again', item.place, source.relation);
        end if;
        source_ids := source_ids || source.id;
    end loop;

    probed := yardstick_engine.probe_query('calculation_formula', definition ->> 'calculation_formula', source_ids);
    has_scopes := exists (select from jsonb_array_elements(probed -> 'columns') as c where c ->> 'name' = 'aggregation_id');
    if has_scopes and levels = array['org'] then
        raise exception using
            errcode = 'YS001',
            message = 'aggregation_levels: the query gives aggregation_id; name the level it is of (dept, team or user), or leave the column out';
    end if;
    if not has_scopes and levels <> array['org'] then
        raise exception using
            errcode = 'YS001',
            message = 'aggregation_levels: the query gives a value for the organization alone; add the column aggregation_id, or leave the other levels out';
    end if;
    if has_scopes and (select count(*) > 1 from unnest(levels) as l (level) where l.level <> 'org') then
        raise exception using
            errcode = 'YS001',
            message = 'aggregation_levels: aggregation_id can be of one level only besides org; define a metric for each of the others';
    end if;
    return jsonb_build_object('source_id', null, 'compiled', jsonb_build_object(
        'query', probed -> 'query', 'sources', to_jsonb(source_ids), 'uses', probed -> 'uses'
    ));
end
$compile_query$;

comment on function yardstick_engine.compile_query(jsonb, uuid) is
'Checks the query of a definition in the sandbox and returns {compiled: {query, sources, uses}}: the canonical text, the ids of its sources and the columns it reads of each.';
