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
    if done ->> 'outcome' in ('canceled', 'deploying') then
        return calculate_step.progress || jsonb_build_object('stopped_by', done ->> 'outcome', 'is_done', true);
    end if;
    return calculate_step.progress
        || jsonb_build_object('slices', (calculate_step.progress ->> 'slices')::integer + 1, 'is_planned', false);
end
$calculate_step$;

comment on function yardstick_engine.calculate_step(timestamptz, jsonb) is
'Does the next piece of what is due and returns the progress, with is_done when nothing is left; starts from {}.';
