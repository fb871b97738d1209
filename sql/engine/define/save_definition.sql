-- Definer, with the engine's rights: it writes for the organization it is told, which the caller has checked, and with null for
-- the platform. Nothing changes when the same definition comes again, so that metrics kept as code can be applied at any time.
create or replace function yardstick_engine.save_definition(definition jsonb, organization_id uuid, user_id uuid)
returns uuid
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $save_definition$
declare
    given    jsonb := jsonb_strip_nulls(definition);
    result   jsonb;
    current  yardstick.metric_definitions;
    proposed yardstick.metric_definitions;
    content  text[] := array[
        'metric_name', 'display_name', 'description', 'metric_category', 'metric_type', 'unit_of_measure', 'calculation_method',
        'calculation_formula', 'data_sources', 'parameters', 'aggregation_levels', 'time_windows', 'target_value', 'target_low',
        'target_high', 'threshold_config', 'direction', 'refresh_frequency', 'retention_days', 'is_active', 'is_public',
        'owner_id', 'tags', 'source_id', 'compiled', 'deleted_at'
    ];
begin
    perform yardstick_engine.check_definition(definition);
    if given ->> 'owner_id' is not null and not exists (
        select from yardstick.users as u
        where u.id = (given ->> 'owner_id')::uuid
            and (save_definition.organization_id is null or u.organization_id = save_definition.organization_id)
    ) then
        raise exception using
            errcode = 'YS003', message = format('owner_id: unknown user %s; sync the user first', given ->> 'owner_id');
    end if;

    perform pg_advisory_xact_lock(hashtextextended(
        format('yardstick_engine.save_definition %s %s', save_definition.organization_id, given ->> 'metric_name'), 0
    ));
    result := yardstick_engine.compile(given, save_definition.organization_id);

    select d.* into current
    from yardstick.metric_definitions as d
    where
        d.metric_name = given ->> 'metric_name'
        and d.organization_id is not distinct from save_definition.organization_id
    for update;

    proposed := jsonb_populate_record(
        null::yardstick.metric_definitions,
        jsonb_build_object(
            'aggregation_levels', jsonb_build_array('org'), 'time_windows', jsonb_build_array('monthly'),
            'refresh_frequency', 'daily', 'retention_days', 730, 'is_active', true, 'is_public', false
        ) || given || result
    );
    if current.id is null then
        insert into yardstick.metric_definitions (
            organization_id, metric_name, display_name, description, metric_category, metric_type, unit_of_measure,
            calculation_method, calculation_formula, data_sources, parameters, aggregation_levels, time_windows, target_value,
            target_low, target_high, threshold_config, direction, refresh_frequency, retention_days, is_active, is_public,
            owner_id, tags, source_id, compiled, created_by, updated_by
        )
        values (
            save_definition.organization_id, proposed.metric_name, proposed.display_name, proposed.description,
            proposed.metric_category, proposed.metric_type, proposed.unit_of_measure, proposed.calculation_method,
            proposed.calculation_formula, proposed.data_sources, proposed.parameters, proposed.aggregation_levels,
            proposed.time_windows, proposed.target_value, proposed.target_low, proposed.target_high, proposed.threshold_config,
            proposed.direction, proposed.refresh_frequency, proposed.retention_days, proposed.is_active, proposed.is_public,
            proposed.owner_id, proposed.tags, proposed.source_id, proposed.compiled, user_id, user_id
        )
        returning id into proposed.id;
    elsif (select bool_and(to_jsonb(current) -> c.column_name = to_jsonb(proposed) -> c.column_name) from unnest(content) as c (column_name))
    then
        -- The same text over columns that have changed: it means these now.
        if current.drifted_at is not null then
            perform yardstick_engine.remember_columns(array[current.id]);
            perform yardstick_engine.queue_history(current.id);
        end if;
        return current.id;
    else
        update yardstick.metric_definitions as d
        set
            display_name = proposed.display_name,
            description = proposed.description,
            metric_category = proposed.metric_category,
            metric_type = proposed.metric_type,
            unit_of_measure = proposed.unit_of_measure,
            calculation_method = proposed.calculation_method,
            calculation_formula = proposed.calculation_formula,
            data_sources = proposed.data_sources,
            parameters = proposed.parameters,
            aggregation_levels = proposed.aggregation_levels,
            time_windows = proposed.time_windows,
            target_value = proposed.target_value,
            target_low = proposed.target_low,
            target_high = proposed.target_high,
            threshold_config = proposed.threshold_config,
            direction = proposed.direction,
            refresh_frequency = proposed.refresh_frequency,
            retention_days = proposed.retention_days,
            is_active = proposed.is_active,
            is_public = proposed.is_public,
            owner_id = proposed.owner_id,
            tags = proposed.tags,
            source_id = proposed.source_id,
            compiled = proposed.compiled,
            last_error_code = null,
            last_error = null,
            deleted_at = null,
            deleted_by = null,
            version = d.version + 1,
            updated_by = user_id
        where d.id = current.id;
        proposed.id := current.id;
    end if;
    if proposed.is_active then
        perform yardstick_engine.queue_history(proposed.id);
    end if;
    return proposed.id;
end
$save_definition$;

comment on function yardstick_engine.save_definition(jsonb, uuid, uuid) is
'Makes or changes the metric of this name of an organization, or with null of the platform, and returns its id.';

grant execute on function yardstick_engine.save_definition(jsonb, uuid, uuid) to yardstick_owner;
