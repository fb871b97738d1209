-- Each step is a transaction, and says what is left by what is there: stopped anywhere, the next run goes on. Marks, then whole
-- years, then what is left of years, then what no definition reads.
-- A hold waits for the step that runs, a second or little more; every step asks again what is held.
create or replace function yardstick_engine.retention_step(as_of timestamptz, progress jsonb)
returns jsonb
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set jit = off
as $retention_step$
declare
    began_at constant timestamptz := clock_timestamp();
    done     jsonb := retention_step.progress;
    phase    text;
    item     record;
    removed  bigint;
begin
    if yardstick_engine.deploy_is_running() then
        return done || '{"is_done": true, "stopped_by": "deploying"}';
    end if;
    perform set_config('lock_timeout', '5s', true);
    lock table yardstick.legal_holds in share mode;

    if not done ? 'marks' then
        return done || jsonb_build_object('marks', yardstick_engine.mark_retention(retention_step.as_of));
    end if;

    if not done ? 'partitions' then
        for item in
            select c.relname::text as partition_name
            from pg_class as c
            where
                c.relnamespace = 'yardstick'::regnamespace and c.relispartition
                and c.relname ~ '^metric_(calculations|snapshots|partials_day|details)_[12][0-9]{3}$'
                and right(c.relname, 4)::integer < (select extract(year from max(m.kept_from)) from yardstick.retention_marks as m)
                and not coalesce(done -> 'looked_at', '[]') ? c.relname
            -- Values before the snapshots of them before states, the oldest first.
            order by position(left(c.relname, 12) in 'metric_calcumetric_snapsmetric_partimetric_detai'), c.relname
        loop
            done := jsonb_set(done, '{looked_at}', coalesce(done -> 'looked_at', '[]') || to_jsonb(item.partition_name));
            if yardstick_engine.remove_partition(item.partition_name) then
                return jsonb_set(done, '{dropped}', coalesce(done -> 'dropped', '[]') || to_jsonb(item.partition_name));
            end if;
        end loop;
        return (done - 'looked_at') || jsonb_build_object('partitions', jsonb_array_length(coalesce(done -> 'dropped', '[]')));
    end if;

    -- The planner does so with what is new; what was noted by transactions that took long is left here.
    if done ? 'states_gone' and not done ? 'is_compacted' then
        perform yardstick_engine.compact_dirty(null, null, '-infinity');
        return done || '{"is_compacted": true}';
    end if;

    if done ? 'states_gone' then
        done := yardstick_engine.remove_unread(done);
        return case when done ? 'is_done' then done - array['states_gone', 'is_compacted'] else done end;
    end if;

    -- Values of everything before the snapshots of anything: one that is gone while its value stands would be taken again.
    phase := case when not done ? 'values_gone' then 'values' when not done ? 'snapshots_gone' then 'snapshots' else 'states' end;
    for item in
        select m.organization_id, m.metric_id as subject_id, m.kept_from, m.days_kept_from, m.ended_at, m.days_ended_at
        from yardstick_engine.removable_marks() as m
        where phase <> 'states'
        union all
        select k.organization_id, k.measure_id, k.kept_from, k.days_kept_from, null, null
        from yardstick_engine.state_cuts() as k
        where phase = 'states'
        order by 1, 2
    loop
        continue when (item.organization_id, item.subject_id) < ((done ->> 'organization_id')::uuid, (done ->> 'subject_id')::uuid);
        loop
            removed := case phase
                when 'values' then
                    yardstick_engine.remove_values(item.organization_id, item.subject_id, item.ended_at, item.days_ended_at)
                when 'snapshots' then
                    yardstick_engine.remove_snapshots(item.organization_id, item.subject_id, item.kept_from, item.days_kept_from)
                else yardstick_engine.remove_states(item.organization_id, item.subject_id, item.kept_from, item.days_kept_from)
            end;
            exit when removed = 0;
            done := done || jsonb_build_object(
                'organization_id', item.organization_id, 'subject_id', item.subject_id,
                phase, coalesce((done ->> phase)::bigint, 0) + removed
            );
            if clock_timestamp() > began_at + interval '1 second' then
                return done;
            end if;
        end loop;
    end loop;
    done := done - array['organization_id', 'subject_id'];
    if phase = 'states' then
        return (done - array['values_gone', 'snapshots_gone']) || '{"states_gone": true}';
    end if;
    return done || jsonb_build_object(phase || '_gone', true);
end
$retention_step$;

comment on function yardstick_engine.retention_step(timestamptz, jsonb) is
'Does the next piece of removing what retention_days lets go and no hold keeps, and what no definition reads any more, and returns the progress, with is_done when nothing is left; starts from {}.';
