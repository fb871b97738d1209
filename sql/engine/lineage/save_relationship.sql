-- Definer, with the engine's rights: it writes for the organization it is told, which the caller has checked, and with null for
-- the platform, whose metrics alone a relationship of the platform joins.
create or replace function yardstick_engine.save_relationship(
    organization_id   uuid,
    parent_metric     text,
    child_metric      text,
    relationship_type text,
    weight            numeric,
    lag_periods       integer
)
returns uuid
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $save_relationship$
declare
    parent_id uuid := yardstick_engine.find_related(organization_id, 'parent_metric', parent_metric);
    child_id  uuid := yardstick_engine.find_related(organization_id, 'child_metric', child_metric);
    known     yardstick.metric_relationships;
    problem   text := case
        when relationship_type = 'derives_from' then
            'relationship_type: derives_from is written by definitions; define the parent over the child with yardstick_api.define_metric'
        when coalesce(relationship_type, '') not in ('contributes_to', 'correlates_with', 'depends_on') then
            format(
                'relationship_type: must be one of contributes_to, correlates_with, depends_on; got %s',
                coalesce(quote_literal(left(relationship_type, 60)), 'null')
            )
        when parent_id = child_id then 'child_metric: is the parent itself; name another metric'
        when weight is null or weight not between -9.9999 and 9.9999 then
            format('weight: must be a number between -9.9999 and 9.9999; got %s', coalesce(weight::text, 'null'))
        when weight <> round(weight, 4) then format('weight: must have at most 4 decimal places; got %s', weight)
        when lag_periods is null or lag_periods not between 0 and 1000 then
            format('lag_periods: must be a whole number from 0 to 1000; got %s', coalesce(lag_periods::text, 'null'))
    end;
begin
    if problem is not null then
        raise exception using errcode = 'YS001', message = problem;
    end if;
    select r.* into known
    from yardstick.metric_relationships as r
    where r.parent_metric_id = parent_id and r.child_metric_id = child_id
        and r.organization_id is not distinct from save_relationship.organization_id;
    if (known.relationship_type, known.weight, known.lag_periods)
        = (save_relationship.relationship_type, save_relationship.weight, save_relationship.lag_periods)
    then
        return known.id;
    end if;

    insert into yardstick.metric_relationships as r (
        organization_id, parent_metric_id, child_metric_id, relationship_type, weight, lag_periods
    )
    values (
        save_relationship.organization_id, parent_id, child_id, save_relationship.relationship_type, save_relationship.weight,
        save_relationship.lag_periods
    )
    on conflict on constraint relationships_are_known_once do update
    set relationship_type = excluded.relationship_type, weight = excluded.weight, lag_periods = excluded.lag_periods
    where r.relationship_type <> 'derives_from'
    returning r.id into known.id;
    if not found then
        raise exception using
            errcode = 'YS001',
            message = format(
                'child_metric: %s is calculated from %s already; change its definition instead', save_relationship.parent_metric,
                save_relationship.child_metric
            );
    end if;
    return known.id;
end
$save_relationship$;

comment on function yardstick_engine.save_relationship(uuid, text, text, text, numeric, integer) is
'Makes or changes the relationship of two metrics of an organization, or with null of the platform, and returns its id.';

grant execute on function yardstick_engine.save_relationship(uuid, text, text, text, numeric, integer) to yardstick_owner;
