-- Definer, with the engine's rights: it works for the organization it is told, which the caller has checked, and with null for
-- the platform. The row and its values stay: history is kept, and define_metric brings the metric back.
create or replace function yardstick_engine.retire_definition(metric_name text, organization_id uuid, user_id uuid)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $retire_definition$
declare
    metric  yardstick.metric_definitions;
    parents text;
begin
    perform pg_advisory_xact_lock(hashtextextended(
        format('yardstick_engine.save_definition %s %s', retire_definition.organization_id, retire_definition.metric_name), 0
    ));
    select d.* into metric
    from yardstick.metric_definitions as d
    where d.metric_name = retire_definition.metric_name and d.organization_id is not distinct from retire_definition.organization_id
    for update;
    if metric.id is null then
        raise exception using
            errcode = 'YS003', message = format('there is no metric named %s here to retire', coalesce(quote_literal(retire_definition.metric_name), 'null'));
    end if;
    if metric.deleted_at is not null then
        return;
    end if;
    select string_agg(distinct p.metric_name, ', ' order by p.metric_name) into parents
    from yardstick.metric_definitions as p
    cross join lateral jsonb_each(p.compiled -> 'children') as c (alias, body)
    where p.deleted_at is null and (c.body ->> 'metric_id')::uuid = metric.id;
    if parents is not null then
        raise exception using
            errcode = 'YS001', message = format('%s: is part of %s; change or retire that first', metric.metric_name, parents);
    end if;
    update yardstick.metric_definitions as d
    set deleted_at = now(), deleted_by = retire_definition.user_id, updated_by = retire_definition.user_id
    where d.id = metric.id;
end
$retire_definition$;

comment on function yardstick_engine.retire_definition(text, uuid, uuid) is
'Takes a metric out of use and keeps its row and its values; refused (YS001) while another metric is made of it. Once more changes nothing.';

grant execute on function yardstick_engine.retire_definition(text, uuid, uuid) to yardstick_owner;
