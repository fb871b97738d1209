-- What is made of other metrics follows them. What reads a source that is still to be looked in waits for that.
create or replace function yardstick_engine.queue_organization_queries(organization_id uuid, source_id uuid default null)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $queue_organization_queries$
declare
    metric record;
begin
    for metric in
        select d.id
        from yardstick.metric_definitions as d
        where d.calculation_method in ('sql', 'function') and d.deleted_at is null and d.is_active
            and (d.organization_id is null or d.organization_id = queue_organization_queries.organization_id)
            and (queue_organization_queries.source_id is null or d.compiled -> 'sources' ? queue_organization_queries.source_id::text)
            and not exists (
                select from yardstick.metric_refreshes as r
                where r.organization_id = queue_organization_queries.organization_id and r.refresh_frequency = 'calendar_locked'
                    and d.compiled -> 'sources' ? r.source_id::text
            )
    loop
        begin
            perform yardstick_engine.queue_metric_history(metric.id, queue_organization_queries.organization_id, null, null);
        exception
            when lock_not_available or deadlock_detected or serialization_failure then
                raise;
            when others then
                -- Its source cannot be read and it has no values: there is nothing to do again.
                null;
        end;
    end loop;
end
$queue_organization_queries$;

comment on function yardstick_engine.queue_organization_queries(uuid, uuid) is
'Queues the periods of queries and functions of an organization whose calendar changed, of all or of those that read one source; not of those that read a source which still has to be looked in.';
