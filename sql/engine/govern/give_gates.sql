create or replace function yardstick_engine.give_gates(
    organization_id uuid,
    user_id         uuid,
    metric_names    text[],
    content_hash    text,
    gate            text,
    note            text
)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $give_gates$
declare
    item   record;
    served integer := 0;
begin
    if yardstick_engine.change_set_hash(give_gates.organization_id, give_gates.metric_names) is distinct from give_gates.content_hash then
        raise exception using
            errcode = 'YS007', message = 'content_hash: these metrics have changed since; look at them again and take the hash of yardstick_api.change_set';
    end if;
    -- What others are made of comes first.
    for item in
        select d.metric_name
        from yardstick.metric_definitions as d
        where d.metric_name = any(give_gates.metric_names) and d.organization_id is not distinct from give_gates.organization_id
        order by coalesce((d.compiled ->> 'depth')::integer, 0), d.metric_name
    loop
        if cardinality(yardstick_engine.give_gate(
            give_gates.organization_id, give_gates.user_id, item.metric_name, give_gates.gate, give_gates.note
        )) = 0 then
            served := served + 1;
        end if;
    end loop;
    return served;
end
$give_gates$;

comment on function yardstick_engine.give_gates(uuid, uuid, text[], text, text, text) is
'Gives a gate of several versions in review that are what a hash was made of, and returns how many metrics serve now.';

grant execute on function yardstick_engine.give_gates(uuid, uuid, text[], text, text, text) to yardstick_owner;
