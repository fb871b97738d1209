-- Called by the planner, which goes on whatever happens here.
create or replace function yardstick_engine.check_capture()
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set jit = off
as $check_capture$
declare
    source       record;
    gap_causes   text[];
    is_failing   boolean;
    has_changed  boolean;
    partition_id oid;
    new_mark     jsonb;
    queued       integer := 0;
begin
    for source in
        select
            s.id, s.relation, s.capture_mark, c.problem, c.mark,
            exists (select from yardstick.capture_gaps as g where g.source_id = s.id) as has_gaps
        from yardstick_engine.capture_states() as c
        inner join yardstick.metric_sources as s on s.id = c.source_id
    loop
        begin
            gap_causes := null;
            is_failing := false;
            if source.has_gaps then
                with

                taken as (
                    update yardstick.capture_gaps as g
                    set taken_at = clock_timestamp()
                    where g.source_id = source.id and g.taken_at is null
                    returning g.cause
                )

                select array_agg(t.cause) into gap_causes from taken as t;

                -- As long as it may fail again, reading all of it again and again helps nobody: the look-back does.
                select coalesce(bool_or(g.cause = 'failure'), false)
                into is_failing
                from yardstick.capture_gaps as g
                where g.source_id = source.id
                    -- A time ahead is that of a clock that has been set back since: then it counts from when it was seen.
                    and greatest(case when g.added_at <= clock_timestamp() then g.added_at end, g.taken_at)
                    between clock_timestamp() - interval '10 minutes' and clock_timestamp();
                delete from yardstick.capture_gaps as g
                where g.source_id = source.id and g.taken_at not between clock_timestamp() - interval '1 day' and clock_timestamp();
            end if;

            new_mark := case when source.problem is null and not is_failing then source.mark end;
            has_changed := new_mark ->> 'triggers' is distinct from source.capture_mark ->> 'triggers';
            if new_mark is not null and not has_changed and new_mark is distinct from source.capture_mark then
                -- A partition that went took its rows along; one that came may have brought some.
                has_changed := not (new_mark -> 'partitions' @> (source.capture_mark -> 'partitions'))
                    or not coalesce(new_mark -> 'links' @> (source.capture_mark -> 'links'), true);
                for partition_id in
                    select p.id::bigint::oid
                    from jsonb_array_elements_text(new_mark -> 'partitions') as p (id)
                    where not (source.capture_mark -> 'partitions' @> to_jsonb(p.id::bigint))
                loop
                    exit when has_changed;
                    execute format('select exists (select from %s as r where r.tableoid = $1)', source.relation)
                    into has_changed
                    using partition_id;
                end loop;
            end if;

            if new_mark is distinct from source.capture_mark then
                update yardstick.metric_sources as s
                set capture_mark = new_mark
                where s.id = source.id;
            end if;
            if (new_mark is not null and has_changed) or 'truncate' = any(gap_causes) then
                queued := queued + yardstick_engine.queue_source(source.id);
            end if;
        exception
            -- Somebody is at work on it: at the next look.
            when lock_not_available or deadlock_detected or serialization_failure then
                null;
            when others then
                perform yardstick_engine.record_source_error(source.id, sqlstate, sqlerrm);
        end;
    end loop;

    -- Sources whose changes are not to be noted any more.
    update yardstick.metric_sources as s
    set capture_mark = null
    where s.capture_mark is not null and not (s.capture and s.is_active);
    return queued;
exception when others then
    raise warning 'the triggers on sources could not be looked at: % %', sqlstate, sqlerrm;
    return 0;
end
$check_capture$;

comment on function yardstick_engine.check_capture() is
'Queues all of a captured source whose triggers are new, or were missing, switched off or failing since the last look, that lost or gained a partition with rows, or that was emptied by TRUNCATE; returns the number of weeks queued. A source whose changes are not noted now is read by look-back. Never fails.';
