-- While a metric with measures was held, what changed went by it: its history is read again. Once all of it has been read and
-- nothing failed, the failure is forgotten.
create or replace function yardstick_engine.retry_failures(as_of timestamptz)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $retry_failures$
declare
    failed     record;
    locked_ids uuid[] := '{}';
    queued     integer := 0;
begin
    delete from yardstick.metric_failures as f
    where not exists (select from yardstick.metric_definitions as d where d.id = f.metric_id and d.deleted_at is null);

    delete from yardstick.metric_failures as f
    using yardstick.metric_definitions as d
    where d.id = f.metric_id and d.source_id is not null and f.quarantined_at is null and f.tried_at >= f.retry_at
        and not exists (
            select from yardstick.calculation_slices as s
            where s.source_id = d.source_id and (s.measure_ids is null or s.measure_ids && array(
                select m.measure_id from yardstick_engine.metric_measure_ids(d.id) as m (measure_id)
            ))
        )
        and not exists (select from yardstick.postponed_weeks as p where p.source_id = d.source_id);

    for failed in
        select
            f.id, f.metric_id, d.source_id,
            array_append(array(select s.id::uuid from jsonb_array_elements_text(d.compiled -> 'sources') as s (id)), d.source_id) as source_ids
        from yardstick.metric_failures as f
        inner join yardstick.metric_definitions as d on d.id = f.metric_id and d.is_active and d.drifted_at is null
        where f.quarantined_at is null
            and (
                (f.retry_at <= retry_failures.as_of and coalesce(f.tried_at < f.retry_at, true))
                -- Noted by a clock that has been set back since.
                or f.last_failed_at > greatest(retry_failures.as_of, clock_timestamp())
            )
            -- What has no measures is tried again as what waits of it; only its history, where that could not be queued, is queued here.
            and (d.source_id is not null or f.retry_at = '-infinity')
    loop
        -- A source that somebody keeps locked is waited for once.
        continue when failed.source_ids && locked_ids;
        begin
            queued := queued + yardstick_engine.queue_history(failed.metric_id);
            if failed.source_id is null then
                delete from yardstick.metric_failures as f where f.id = failed.id;
            end if;
            update yardstick.metric_failures as f
            set tried_at = retry_failures.as_of,
                retry_at = least(f.retry_at, retry_failures.as_of),
                last_failed_at = least(f.last_failed_at, retry_failures.as_of)
            where f.id = failed.id;
        exception
            when lock_not_available then
                locked_ids := locked_ids || failed.source_ids;
            when others then
                -- Its source cannot be read yet: at the next tick.
                null;
        end;
    end loop;
    return queued;
end
$retry_failures$;

comment on function yardstick_engine.retry_failures(timestamptz) is
'Queues the history of metrics with measures that failed and whose time to wait is over, and of those whose history could not be queued before, and forgets the failures of those that were read since; returns the number of weeks queued.';
