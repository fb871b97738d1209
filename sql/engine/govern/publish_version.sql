-- Compiled anew: since it was written its sources, and the metrics it is made of, may have become others.
create or replace function yardstick_engine.publish_version(
    published yardstick.metric_definition_versions,
    result    jsonb default null
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $publish_version$
declare
    compiled constant jsonb := coalesce(
        publish_version.result, yardstick_engine.compile((publish_version.published).content, (publish_version.published).organization_id)
    );
begin
    perform yardstick_engine.write_definition(
        (publish_version.published).metric_id,
        yardstick_engine.proposed_definition((publish_version.published).content, compiled),
        (publish_version.published).version, 'approved', (publish_version.published).created_by
    );
    perform yardstick_engine.save_children(
        (publish_version.published).metric_id, (publish_version.published).organization_id, compiled -> 'compiled'
    );
    if coalesce(((publish_version.published).content ->> 'is_active')::boolean, true) then
        perform yardstick_engine.queue_when_free((publish_version.published).metric_id);
    end if;
end
$publish_version$;

comment on function yardstick_engine.publish_version(yardstick.metric_definition_versions, jsonb) is
'Makes an approved version the one that serves, and queues its whole history; result: what compile returned of it, if that is known.';
