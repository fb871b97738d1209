create or replace function yardstick_engine.compile_function(definition jsonb, organization_id uuid)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $compile_function$
declare
    registered yardstick.metric_functions;
begin
    select f.* into registered
    from yardstick.metric_functions as f
    where f.function_name = definition #>> '{data_sources,function}' and f.is_active
        and (f.organization_id = compile_function.organization_id or f.organization_id is null)
    order by f.organization_id nulls last
    limit 1;
    if registered.id is null then
        raise exception using
            errcode = 'YS003',
            message = format(
                'data_sources.function: unknown function "%s"; a DBA registers it with yardstick_api.register_function',
                left(definition #>> '{data_sources,function}', 100)
            );
    end if;
    perform yardstick_engine.require_routine('data_sources.function', registered.routine);
    return jsonb_build_object('source_id', null, 'compiled', jsonb_build_object('routine', registered.routine, 'sources', jsonb '[]'));
end
$compile_function$;

comment on function yardstick_engine.compile_function(jsonb, uuid) is
'Checks that the function of a definition is registered and can be called, and returns {compiled: {routine, sources}}.';
