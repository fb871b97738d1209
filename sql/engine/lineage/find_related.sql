create or replace function yardstick_engine.find_related(
    organization_id uuid,
    path            text,
    metric_name     text
)
returns uuid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $find_related$
begin
    return yardstick_engine.find_metric(find_related.organization_id, find_related.metric_name);
exception when sqlstate 'YS003' then
    raise exception using errcode = 'YS003', message = format('%s: %s', find_related.path, sqlerrm);
end
$find_related$;

comment on function yardstick_engine.find_related(uuid, text, text) is
'Id of the metric an organization, or with null the platform, means by a name; YS003 with the argument''s name when there is none.';
