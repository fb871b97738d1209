create or replace function yardstick_engine.finish_attempt(organization_id uuid, metric_id uuid)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $finish_attempt$
    delete from yardstick.sandbox_attempts as a
    where a.organization_id = finish_attempt.organization_id and a.metric_id = finish_attempt.metric_id
$finish_attempt$;

comment on function yardstick_engine.finish_attempt(uuid, uuid) is
'Forgets the attempt that start_attempt has remembered: the run came back, with values or with an error.';
