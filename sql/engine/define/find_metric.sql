create or replace function yardstick_engine.find_metric(
    organization_id uuid,
    metric_name     text
)
returns uuid
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $find_metric$
declare
    found_id uuid;
begin
    -- The organization's own metric hides the platform's of the same name.
    select d.id
    into found_id
    from yardstick.metric_definitions as d
    where d.metric_name = find_metric.metric_name
        and d.deleted_at is null
        and (d.organization_id = find_metric.organization_id or d.organization_id is null)
    order by d.organization_id nulls last
    limit 1;
    if found_id is null then
        raise exception using errcode = 'YS003',
            message = format('there is no metric named %s here: define it with yardstick_api.define_metric', coalesce(quote_literal(find_metric.metric_name), 'null'));
    end if;
    return found_id;
end
$find_metric$;

comment on function yardstick_engine.find_metric(uuid, text) is
'Id of the metric an organization means by a name: its own, else the platform''s. YS003 when there is none.';
grant execute on function yardstick_engine.find_metric(uuid, text) to yardstick_owner;
