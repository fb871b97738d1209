-- Definer, with the engine's rights: it removes for the organization it is told, which the caller has checked. What the platform
-- relates, only the platform takes back.
create or replace function yardstick_engine.remove_relationship(
    organization_id uuid,
    parent_metric   text,
    child_metric    text
)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $remove_relationship$
declare
    parent_id uuid := yardstick_engine.find_related(organization_id, 'parent_metric', parent_metric);
    child_id  uuid := yardstick_engine.find_related(organization_id, 'child_metric', child_metric);
    known     yardstick.metric_relationships;
begin
    select r.* into known
    from yardstick.metric_relationships as r
    where r.parent_metric_id = parent_id and r.child_metric_id = child_id
        and r.organization_id is not distinct from remove_relationship.organization_id;
    if known.relationship_type = 'derives_from' then
        raise exception using
            errcode = 'YS001',
            message = format(
                'child_metric: %s is calculated from %s; change its definition instead', remove_relationship.parent_metric,
                remove_relationship.child_metric
            );
    end if;
    delete from yardstick.metric_relationships as r where r.id = known.id;
    return found;
end
$remove_relationship$;

comment on function yardstick_engine.remove_relationship(uuid, text, text) is
'Removes the relationship of two metrics of an organization, or with null of the platform; false: there was none.';

grant execute on function yardstick_engine.remove_relationship(uuid, text, text) to yardstick_owner;
