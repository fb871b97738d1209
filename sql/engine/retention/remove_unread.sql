-- Which former definition read them is not known, so that any hold on an organization, or on one of its metrics, keeps all that it has.
create or replace function yardstick_engine.remove_unread(progress jsonb)
returns jsonb
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set jit = off
as $remove_unread$
declare
    -- The states of a few scopes, over all years: some ten thousand at most.
    at_once  constant integer := 20;
    last_id  constant uuid := 'ffffffff-ffff-ffff-ffff-ffffffffffff';
    began_at timestamptz;
    done     jsonb := remove_unread.progress;
    measure  record;
    series   bigint[];
    states   bigint := 0;
    removed  integer := 0;
    is_gone  boolean := false;
begin
    if not done ? 'is_marked' then
        perform yardstick_engine.mark_unread();
        return done || '{"is_marked": true}';
    end if;

    select m.id, m.source_id into measure
    from yardstick.metric_measures as m
    where m.unread_since < now() - interval '14 days'
        and coalesce((m.source_id, m.id) > ((done ->> 'source_id')::uuid, (done ->> 'measure_id')::uuid), true)
    order by m.source_id, m.id
    limit 1;
    if not found then
        return (done - array['is_marked', 'source_id', 'measure_id']) || '{"is_done": true}';
    end if;

    begin
        -- As whoever merges states of the source (calculate_slice): he may name measures that nobody reads any more.
        perform pg_advisory_xact_lock(7919005, hashtext(measure.source_id::text));
        began_at := clock_timestamp();
        if yardstick_engine.lock_unread(measure.id) then
            series := array(
                select s.series_id
                from yardstick.metric_series as s
                where s.measure_id = measure.id and not exists (
                    select
                    from yardstick.legal_holds as l
                    where l.released_at is null and (l.hold_until is null or l.hold_until >= (now() at time zone 'UTC')::date)
                        and coalesce(l.organization_id = s.organization_id, true)
                )
                order by s.series_id
            );
            while removed < cardinality(series) and clock_timestamp() < began_at + interval '1 second' loop
                states := states + yardstick_engine.remove_series(series[removed + 1:removed + at_once]);
                removed := least(removed + at_once, cardinality(series));
            end loop;
            if removed = cardinality(series) then
                delete from yardstick.metric_measures as m
                where m.id = measure.id and not exists (select from yardstick.metric_series as s where s.measure_id = m.id);
                is_gone := found;
            end if;
        end if;
    exception
        -- A source that is busy for so long is left to the next run.
        when lock_not_available or deadlock_detected then
            return done || jsonb_build_object('source_id', measure.source_id, 'measure_id', last_id);
    end;

    if removed > 0 then
        done := done || jsonb_build_object(
            'unread_series', coalesce((done ->> 'unread_series')::bigint, 0) + removed,
            'unread_states', coalesce((done ->> 'unread_states')::bigint, 0) + states
        );
    end if;
    if is_gone then
        done := done || jsonb_build_object('unread_measures', coalesce((done ->> 'unread_measures')::bigint, 0) + 1);
    end if;
    -- What is left of it is for the next step.
    return done || case when removed < cardinality(series) then '{}'
        else jsonb_build_object('source_id', measure.source_id, 'measure_id', measure.id) end;
end
$remove_unread$;

comment on function yardstick_engine.remove_unread(jsonb) is
'Does the next piece of removing measures that no metric in use has read for 14 days, with their series and states, and returns the progress, with is_done when nothing is left. A source that is busy for five seconds is left to the next run.';
