-- Definer, with the engine's rights. The same steps as calculate_due, one per call: a procedure that commits cannot be called
-- where its error would be caught, and then nobody would write down why a run failed.
create or replace function yardstick_engine.calculate_step(as_of timestamptz, progress jsonb)
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $calculate_step$
declare
    done jsonb;
begin
    if not calculate_step.progress ? 'is_planned' then
        perform yardstick_engine.plan_due(calculate_step.as_of);
        return calculate_step.progress || '{"is_planned": true, "slices": 0}';
    end if;

    done := yardstick_engine.calculate_next(calculate_step.as_of);
    if done is null then
        -- Work that others left for a slice while it was being finished shows when planning again.
        if not coalesce((calculate_step.progress ->> 'is_planned')::boolean, true)
            and yardstick_engine.plan_due(calculate_step.as_of) > 0
        then
            return calculate_step.progress || '{"is_planned": true}';
        end if;
        return calculate_step.progress || '{"is_done": true}';
    end if;
    if done ->> 'outcome' in ('canceled', 'deploying', 'waiting') then
        return calculate_step.progress || jsonb_build_object('stopped_by', done ->> 'outcome', 'is_done', true);
    end if;
    return calculate_step.progress || jsonb_build_object(
        'slices', (calculate_step.progress ->> 'slices')::integer + coalesce((done ->> 'slices')::integer, 1),
        'rows', coalesce((calculate_step.progress ->> 'rows')::bigint, 0) + coalesce((done ->> 'rows')::bigint, 0),
        'last_done', case
            when done ? 'source_id' then (
                select format(
                    '%s of %s from %s on', case (done ->> 'period_type')::integer when 2 then 'weeks read' when 3 then 'months valued' else 'years valued' end,
                    s.source_name, done ->> 'from'
                )
                from yardstick.metric_sources as s
                where s.id = (done ->> 'source_id')::uuid
            )
            when done ? 'metric_id' then (
                select format('%s periods of %s', done ->> 'cells', d.metric_name)
                from yardstick.metric_definitions as d
                where d.id = (done ->> 'metric_id')::uuid
            )
            else format('%s periods of queries', done ->> 'cells')
        end,
        'is_planned', false
    );
end
$calculate_step$;

comment on function yardstick_engine.calculate_step(timestamptz, jsonb) is
'Does the next piece of what is due and returns the progress, with is_done when nothing is left; starts from {}.';
