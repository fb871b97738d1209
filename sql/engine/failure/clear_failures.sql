create or replace function yardstick_engine.clear_failures(organization_id uuid, metric_ids uuid[])
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $clear_failures$
    delete from yardstick.metric_failures as f
    -- One whose history still has to be queued is not forgotten because a period of it could be calculated.
    where f.metric_id = any(clear_failures.metric_ids) and f.retry_at <> '-infinity'
        and (clear_failures.organization_id is null or f.organization_id is null or f.organization_id = clear_failures.organization_id)
$clear_failures$;

comment on function yardstick_engine.clear_failures(uuid, uuid[]) is
'Forgets that metrics failed, for one organization or with null for all: they are calculated again from now on.';
