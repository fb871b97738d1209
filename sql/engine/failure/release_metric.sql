create or replace function yardstick_engine.release_metric(organization_id uuid, metric_id uuid)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $release_metric$
declare
    was_held boolean;
begin
    was_held := exists (
        select from yardstick.metric_failures as f
        where f.metric_id = release_metric.metric_id
            and (release_metric.organization_id is null or f.organization_id is null or f.organization_id = release_metric.organization_id)
    );
    if not was_held then
        return 0;
    end if;
    perform yardstick_engine.clear_failures(release_metric.organization_id, array[release_metric.metric_id]);
    return yardstick_engine.queue_when_free(release_metric.metric_id);
end
$release_metric$;

comment on function yardstick_engine.release_metric(uuid, uuid) is
'Lets a metric that failed, or was quarantined, be calculated again at the next tick, with the history it has missed; returns how much is queued, 0 when it was not held.';
