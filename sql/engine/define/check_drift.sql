-- Called by the planner, which goes on whatever happens here. Cheap: the columns of a metric were read off its expressions when it
-- was compiled, and what is compared are two lists of names and types.
create or replace function yardstick_engine.check_drift()
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
-- The row counts of functions are guesses, and so high that every call would be compiled first.
set jit = off
as $check_drift$
declare
    new_ids     uuid[];
    changed_ids uuid[];
    cleared_ids uuid[];
    cleared_id  uuid;
begin
    -- Metrics of an older version, or restored ones, that never were looked at.
    select array_agg(d.id)
    into new_ids
    from yardstick.metric_definitions as d
    where d.known_columns is null and d.deleted_at is null;
    if new_ids is not null then
        perform yardstick_engine.remember_columns(new_ids);
    end if;

    with

    changes as (

        select d.id, n.drift_reason
        from yardstick.metric_definitions as d
        left join yardstick_engine.drifts() as n on n.metric_id = d.id
        where d.drift_reason is distinct from n.drift_reason and (d.deleted_at is null or d.drift_reason is not null)

    ),

    marked as (

        update yardstick.metric_definitions as d
        set
            drifted_at = case when c.drift_reason is not null then coalesce(d.drifted_at, now()) end,
            drift_reason = c.drift_reason
        from changes as c
        where d.id = c.id
        returning d.id, d.drifted_at is null and d.is_active and d.deleted_at is null as is_cleared

    )

    select array_agg(marked.id), array_agg(marked.id) filter (where marked.is_cleared)
    into changed_ids, cleared_ids
    from marked;

    -- It was left out of what was calculated meanwhile.
    foreach cleared_id in array coalesce(cleared_ids, '{}') loop
        begin
            perform yardstick_engine.queue_history(cleared_id);
        exception when others then
            -- Held from long ago: its history is queued as soon as it can be.
            perform yardstick_engine.note_failures(null, array[cleared_id], sqlstate, sqlerrm, '-infinity');
            raise warning 'the history of metric % could not be queued: % %', cleared_id, sqlstate, sqlerrm;
        end;
    end loop;
    return coalesce(cardinality(changed_ids), 0);
exception when others then
    raise warning 'the columns of sources could not be compared: % %', sqlstate, sqlerrm;
    return 0;
end
$check_drift$;

comment on function yardstick_engine.check_drift() is
'Marks the metrics whose columns are gone or changed as drifted, ends it for those whose columns are back and queues their history; returns the number of metrics whose mark changed. Never fails.';

grant execute on function yardstick_engine.check_drift() to yardstick_worker, yardstick_dba;
