create or replace function yardstick_engine.compile_children(definition jsonb, organization_id uuid)
returns jsonb
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $compile_children$
declare
    item          record;
    child         yardstick.metric_definitions;
    children      jsonb := '{}';
    depth         integer := 0;
    problem       text;
    alias_names   text[];
    alias_units   text[];
    alias_lags    integer[];
    alias_stocks  text[];
    measure       jsonb;
    formula       text;
    is_score      constant boolean := coalesce(definition ->> 'metric_type' = 'score', false) and definition ->> 'calculation_formula' is null;
begin
    for item in
        select
            m.key,
            'data_sources.metrics.' || m.key as path,
            case when jsonb_typeof(m.value) = 'string' then m.value #>> '{}' else m.value ->> 'metric' end as metric_name,
            coalesce((m.value ->> 'lag')::integer, 0) as lag,
            coalesce((m.value ->> 'weight')::numeric, 1) as weight
        from jsonb_each(definition #> '{data_sources,metrics}') as m
        order by m.key
    loop
        select d.* into child
        from yardstick.metric_definitions as d
        where d.metric_name = item.metric_name and d.deleted_at is null
            and (d.organization_id = compile_children.organization_id or d.organization_id is null)
        order by d.organization_id nulls last
        limit 1;
        if child.id is null then
            raise exception using
                errcode = 'YS003', message = format('%s: there is no metric named "%s" here; define it first', item.path, item.metric_name);
        end if;
        problem := case
            when item.metric_name = definition ->> 'metric_name' then 'cannot be made of itself, not even of an earlier period; leave it out'
            when not array(select jsonb_array_elements_text(coalesce(definition -> 'aggregation_levels', '["org"]'))) <@ child.aggregation_levels
                then format('is calculated for %s; leave the other levels out of aggregation_levels', array_to_string(child.aggregation_levels, ', '))
            when not array(select jsonb_array_elements_text(coalesce(definition -> 'time_windows', '["monthly"]'))) <@ child.time_windows
                then format('is calculated for %s; leave the other windows out of time_windows', array_to_string(child.time_windows, ', '))
            when is_score and child.direction is null then 'has no direction, so it cannot attain a target; give it one'
            when is_score and child.target_value is null and child.target_low is null
                and not exists (select from yardstick.metric_targets as t where t.metric_id = child.id)
                then 'has no target to attain; give it one'
        end;
        if problem is not null then
            raise exception using errcode = 'YS001', message = format('%s: %s %s', item.path, item.metric_name, problem);
        end if;
        depth := greatest(depth, coalesce((child.compiled ->> 'depth')::integer, 0) + 1);
        children := children || jsonb_build_object(item.key, jsonb_build_object(
            'metric_id', child.id, 'metric_name', child.metric_name, 'lag', item.lag, 'weight', item.weight
        ));
        alias_names := alias_names || item.key;
        alias_units := alias_units || child.unit_of_measure;
        alias_lags := alias_lags || item.lag;
        -- Only what is one measure says how it merges; a formula over several may be anything.
        measure := case when child.compiled @> '{"simple": true}' then (
            select m.value from jsonb_each(child.compiled -> 'measures') as m limit 1
        ) end;
        alias_stocks := alias_stocks || case
            when measure ->> 'over_time' is not null or measure ->> 'agg' not in ('count', 'sum') then child.metric_name
        end;
    end loop;
    select
        format(
            'data_sources.metrics.%1$s: %2$s closes a cycle: it is made of %3$s, directly or through other metrics; leave it out, or take '
            '%3$s out of what it is made of', c.key, c.value ->> 'metric_name', definition ->> 'metric_name'
        ) into problem
    from jsonb_each(children) as c
    where yardstick_engine.closes_cycle(definition ->> 'metric_name', c.value ->> 'metric_name', compile_children.organization_id)
    order by c.key
    limit 1;
    if found then
        raise exception using errcode = 'YS001', message = problem, constraint = 'cycle';
    end if;
    if not is_score then
        formula := case
            when definition ->> 'calculation_formula' is null then quote_ident(alias_names[1])
            else yardstick_engine.probe_expression(
                'calculation_formula', 'formula', definition ->> 'calculation_formula', alias_names,
                array_fill('numeric'::text, array[cardinality(alias_names)])
            )
        end;
        if exists (
            select from unnest(alias_stocks, alias_lags) as a (metric_name, lag)
            where a.metric_name is not null
            group by a.metric_name
            having count(distinct a.lag) > 1
        ) then
            problem := yardstick_engine.added_periods(formula, alias_names, alias_stocks, alias_lags);
            if problem is not null then
                raise exception using
                    errcode = 'YS001',
                    message = format(
                        'calculation_formula: adds up values of %s of several periods, which is not its value of them together; take a longer '
                        'one of its time_windows, or divide by their number for the mean', problem
                    );
            end if;
        end if;
        problem := yardstick_engine.unit_problem(
            yardstick_engine.formula_unit(formula, alias_names, alias_units), definition ->> 'unit_of_measure'
        );
        if problem is not null then
            raise exception using errcode = 'YS001', message = problem, constraint = 'units';
        end if;
    end if;

    return jsonb_build_object('source_id', null, 'compiled', jsonb_strip_nulls(jsonb_build_object(
        'children', children,
        'depth', depth,
        'score', case when is_score then true end,
        'formula', formula
    )));
end
$compile_children$;

comment on function yardstick_engine.compile_children(jsonb, uuid) is
'Checks a metric made of other metrics against these and returns {compiled: {children: {alias: {metric_id, metric_name, lag, weight}}, formula, depth, score}}; depth is 1 above the deepest child.';
