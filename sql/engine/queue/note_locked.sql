-- Held from long ago, and so not held: its history is queued as soon as it can be.
create or replace function yardstick_engine.note_locked(metric_id uuid, message text)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $note_locked$
declare
    metric_name text;
begin
    perform yardstick_engine.note_failures(null, array[note_locked.metric_id], '55P03', note_locked.message, '-infinity');
    -- One whose history has been queued after an earlier failure needs it again.
    update yardstick.metric_failures as f
    set retry_at = '-infinity', tried_at = null
    where f.metric_id = note_locked.metric_id and f.organization_id is null and f.quarantined_at is null;
    select d.metric_name into metric_name from yardstick.metric_definitions as d where d.id = note_locked.metric_id;
    raise notice using
        message = note_locked.message,
        hint = format('The history of the metric %s is calculated by the first tick that can read it; nothing is to be done again.', metric_name);
end
$note_locked$;

comment on function yardstick_engine.note_locked(uuid, text) is
'Notes that the history of a metric could not be queued because another session keeps a source locked, so that the planner does it as soon as it can, and tells the caller.';
