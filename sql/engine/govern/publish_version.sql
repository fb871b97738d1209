create or replace function yardstick_engine.publish_version(
    published yardstick.metric_definition_versions,
    result    jsonb
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $publish_version$
begin
    perform yardstick_engine.write_definition(
        (publish_version.published).metric_id,
        yardstick_engine.proposed_definition((publish_version.published).content, publish_version.result),
        (publish_version.published).version, 'approved', (publish_version.published).created_by
    );
    perform yardstick_engine.save_children(
        (publish_version.published).metric_id, (publish_version.published).organization_id, publish_version.result -> 'compiled'
    );
    if coalesce(((publish_version.published).content ->> 'is_active')::boolean, true) then
        perform yardstick_engine.queue_when_free((publish_version.published).metric_id);
    end if;
end
$publish_version$;

comment on function yardstick_engine.publish_version(yardstick.metric_definition_versions, jsonb) is
'Makes an approved version the one that serves, and queues its whole history; result: what compile returned of it.';
