-- Definer, with the engine's rights: the worker itself has no right on any table.
create or replace function yardstick_engine.note_progress(run_id uuid, progress jsonb)
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $note_progress$
    update yardstick.job_runs as r
    set progress
    = yardstick_engine.progress_shown(r.job_name, note_progress.progress) - array['is_done', 'is_queued', 'is_planned', 'organization_id']
    where r.id = note_progress.run_id and r.status = 'running'
$note_progress$;

comment on function yardstick_engine.note_progress(uuid, jsonb) is
'Writes down how far a run of a job has come, while it runs.';

grant execute on function yardstick_engine.note_progress(uuid, jsonb) to yardstick_worker, yardstick_dba;
