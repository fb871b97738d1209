-- The trigger on relationships knows what a cycle is; it is asked with rows that are taken back. Only what is there already can be
-- part of others.
create or replace function yardstick_engine.require_no_cycle(metric_name text, organization_id uuid, compiled jsonb)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $require_no_cycle$
declare
    metric_id uuid;
begin
    if not compiled ? 'children' then
        return;
    end if;
    select d.id into metric_id
    from yardstick.metric_definitions as d
    where d.metric_name = require_no_cycle.metric_name and d.organization_id is not distinct from require_no_cycle.organization_id;
    if not found then
        return;
    end if;
    begin
        perform yardstick_engine.save_children(metric_id, require_no_cycle.organization_id, compiled);
        raise exception using errcode = 'YSEND', message = 'there is no cycle';
    exception when sqlstate 'YSEND' then
        null;
    end;
end
$require_no_cycle$;

comment on function yardstick_engine.require_no_cycle(text, uuid, jsonb) is
'Refuses (YS001, with the way around) what would make a metric part of itself; compiled as compile returns it.';
