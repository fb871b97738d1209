-- What is due is read from tables, never from "the job fired": a missed hour is caught up at the next tick.
create or replace function yardstick_engine.plan_due(as_of timestamptz)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
-- What is due is guessed far too high: compiled for so much, a tick with nothing to do took a second.
set jit = off
-- Nobody waits long for a source that somebody alters.
set lock_timeout = '2s'
as $plan_due$
declare
    due    record;
    unused record;
    queued integer := 0;
    number integer;
    taken  bigint;
    source_ids       uuid[];
    organization_ids uuid[];
    are_first        boolean[];
begin
    if yardstick_engine.deploy_is_running() or not pg_try_advisory_xact_lock(7919002) then
        return 0;
    end if;

    perform yardstick_engine.check_drift();
    queued := yardstick_engine.check_capture() + yardstick_engine.retry_failures(plan_due.as_of) + yardstick_engine.queue_postponed()
        + yardstick_engine.queue_postponed_weeks();
    perform yardstick_engine.remove_former_periods();
    taken := yardstick_engine.take_changes();

    -- Changes that nothing measures would stay for ever; a metric that serves from later on starts with its whole history, as does an
    -- organization that is opened again. Asked of each key, not of each row: of these there may be tens of thousands.
    with

    changed as materialized (
        select distinct c.source_id, c.measure_key from yardstick.metric_dirty as c where c.stage = 'source'
    ),

    measured as materialized (
        select distinct m.source_id, m.measure_key
        from yardstick_engine.measure_uses(array(
            select k.id from yardstick.metric_measures as k where k.source_id in (select c.source_id from changed as c)
        )) as u
        inner join yardstick.metric_measures as m on m.id = u.measure_id
    )

    select array_agg(k.source_id) as source_ids, array_agg(k.measure_key) as measure_keys
    into unused
    from changed as k
    where not exists (
        select from measured as m
        where m.source_id = k.source_id and (k.measure_key is null or m.measure_key is null or m.measure_key = k.measure_key)
    );
    if unused.source_ids is not null then
        delete from yardstick.metric_dirty as d
        where d.ctid = any(array(
            select c.ctid
            from yardstick.metric_dirty as c
            where c.stage = 'source' and exists (
                select from unnest(unused.source_ids, unused.measure_keys) as u (source_id, measure_key)
                where u.source_id = c.source_id
                    and coalesce(u.measure_key, '') = coalesce(c.measure_key, '') and (u.measure_key is null) = (c.measure_key is null)
            )
            -- A worker that reads their week has taken them already, and nobody waits for it.
            for update skip locked
        ));
    end if;

    delete from yardstick.metric_dirty as d
    using yardstick.organizations as o
    where d.stage = 'source' and o.id = d.organization_id and not o.is_active;

    select array_agg(t.source_id), array_agg(t.organization_id), array_agg(t.is_first)
    into source_ids, organization_ids, are_first
    from yardstick_engine.take_due(plan_due.as_of) as t;

    -- Sources whose changes are not noted: what may have changed since the last boundary.
    for due in
        select
            d.source_id, s.watermark_column is not null as has_watermark,
            array_agg(d.organization_id) filter (where not d.is_first) as organization_ids,
            -- The history that is queued covers what has changed so far.
            array_agg(d.organization_id) filter (
                where d.is_first and not exists (
                    select from yardstick.metric_refreshes as r
                    where r.organization_id = d.organization_id and r.source_id = d.source_id and r.refresh_frequency = 'watermark'
                )
            ) as first_ids
        from unnest(source_ids, organization_ids, are_first) as d (source_id, organization_id, is_first)
        inner join yardstick.metric_sources as s on s.id = d.source_id and s.capture_mark is null
        where not (s.capture and s.relation = 'yardstick.analytics_metrics')
        group by d.source_id, s.id
    loop
        begin
            if due.has_watermark and due.first_ids is not null then
                perform yardstick_engine.move_watermark(
                    due.source_id, due.first_ids, yardstick_engine.newest_change(due.source_id, plan_due.as_of)
                );
            end if;
            continue when due.organization_ids is null;
            perform yardstick_engine.mark_changes(due.source_id, due.organization_ids, plan_due.as_of);

            -- A source that could not be read, and can be again, has been missed for longer than its look-back.
            select coalesce(sum(yardstick_engine.queue_history(d.id)), 0)
            into number
            from yardstick.metric_definitions as d
            where d.source_id = due.source_id and d.last_error_code in ('42P01', '42501', 'YS008') and d.is_active and d.deleted_at is null;
            queued := queued + number;
        exception
            -- Not served yet after all: it is due again at the next tick.
            when lock_not_available or deadlock_detected or serialization_failure then
                update yardstick.metric_refreshes as r
                set refreshed_to = r.refreshed_to - interval '1 second'
                where r.source_id = due.source_id and r.organization_id = any(due.organization_ids)
                    and r.refresh_frequency not in ('day_closed', 'history_read');
            when others then
                perform yardstick_engine.record_source_error(due.source_id, sqlstate, sqlerrm);
        end;
    end loop;

    perform yardstick_engine.mark_closed_days(plan_due.as_of);
    queued := queued + yardstick_engine.queue_clocks(plan_due.as_of);

    -- A source that was empty when its metrics were defined, and has rows now: once, for a metric may find none of them its own.
    for due in
        select d.source_id, array_agg(d.id) as metric_ids
        from yardstick.metric_definitions as d
        where d.deleted_at is null and d.is_active and d.approval_status = 'approved' and d.refresh_frequency <> 'on_demand'
            and d.source_id is not null and d.last_error_code is null
            and not exists (
                select from yardstick.metric_refreshes as r where r.source_id = d.source_id and r.refresh_frequency = 'history_read'
            )
            and not exists (select from yardstick.calculation_slices as c where c.source_id = d.source_id)
            and not exists (
                select from jsonb_each(d.compiled -> 'measures') as u (measure_name, body)
                inner join yardstick.metric_series as s on s.measure_id = (u.body ->> 'measure_id')::uuid
            )
        group by d.source_id
    loop
        begin
            select sum(yardstick_engine.queue_history(m.metric_id)) into number
            from unnest(due.metric_ids) as m (metric_id);
            queued := queued + number;
            insert into yardstick.metric_refreshes as r (organization_id, source_id, refresh_frequency, refreshed_to)
            select o.id, s.id, 'history_read', plan_due.as_of
            from yardstick.metric_sources as s
            inner join yardstick.organizations as o on s.organization_id is null or s.organization_id = o.id
            where s.id = due.source_id and number > 0
            order by o.id
            limit 1
            on conflict do nothing;
        exception
            when lock_not_available or deadlock_detected or serialization_failure then
                null;
            when others then
                perform yardstick_engine.record_source_error(due.source_id, sqlstate, sqlerrm);
        end;
    end loop;

    queued := queued + yardstick_engine.queue_dirty(source_ids, organization_ids);
    -- Last, for the rows that it locks stay locked to the end.
    if taken > 0 then
        perform yardstick_engine.compact_dirty(source_ids, organization_ids, clock_timestamp() - interval '1 hour');
    end if;
    if exists (select from yardstick.metric_failures)
        or exists (select from yardstick.calculation_slices as s where s.attempt_count > 0)
        or exists (
            select from yardstick.metric_definitions as d
            where d.deleted_at is null and (d.last_error_code is not null or d.drifted_at is not null)
        )
    then
        perform yardstick_engine.compact_pending();
    end if;
    return queued;
end
$plan_due$;

comment on function yardstick_engine.plan_due(timestamptz) is
'Queues the slices that are due at as_of: changed cells of organizations whose metrics fall due on their own clock, days that closed, sources that got their first rows. Returns the number queued; 0 also while a deploy or another planner is at work.';
grant execute on function yardstick_engine.plan_due(timestamptz) to yardstick_worker, yardstick_dba;
