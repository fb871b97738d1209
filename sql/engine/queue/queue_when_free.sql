create or replace function yardstick_engine.queue_when_free(metric_id uuid)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $queue_when_free$
declare
    neighbour text;
begin
    -- Where one metric of the source waits, nobody waits for each of the others.
    select f.error_message into neighbour
    from yardstick.metric_definitions as d
    inner join yardstick.metric_definitions as n on n.source_id = d.source_id and n.deleted_at is null
    inner join yardstick.metric_failures as f
        on f.metric_id = n.id and f.error_code = '55P03' and f.retry_at = '-infinity' and f.tried_at is null
    where d.id = queue_when_free.metric_id
    limit 1;
    if neighbour is not null then
        perform yardstick_engine.note_locked(queue_when_free.metric_id, neighbour);
        return 0;
    end if;
    return yardstick_engine.queue_history(queue_when_free.metric_id);
exception when lock_not_available then
    perform yardstick_engine.note_locked(queue_when_free.metric_id, sqlerrm);
    return 0;
end
$queue_when_free$;

comment on function yardstick_engine.queue_when_free(uuid) is
'What queue_history does; where another session keeps a source of the metric locked, the planner does it as soon as it can, and 0.';
