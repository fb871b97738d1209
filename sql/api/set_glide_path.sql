-- Definer, with the owner's rights, under the policies of the login.
create or replace function yardstick_api.set_glide_path(path jsonb)
returns integer
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $set_glide_path$
declare
    organization uuid := yardstick.require_organization();
    checked      jsonb;
    step         record;
    target_id    uuid;
    ids          uuid[] := '{}';
begin
    for step in
        select g.effective_from, g.target_value from yardstick_engine.glide_steps(set_glide_path.path) as g order by g.effective_from
    loop
        target_id := yardstick_api.set_target(jsonb_strip_nulls(jsonb_build_object(
            'metric_name', path -> 'metric_name', 'effective_from', step.effective_from, 'target_value', step.target_value,
            'scope', path -> 'scope', 'reason', path -> 'reason'
        )));
        ids := ids || target_id;
    end loop;

    if path ->> 'reason' is not null then
        perform yardstick_api.use_reason(path ->> 'reason');
    end if;
    -- What lay in between belongs to a path that is no longer taken.
    select to_jsonb(t) into checked
    from yardstick.metric_targets as t
    where t.id = ids[1];
    delete from yardstick.metric_targets as t
    where
        t.organization_id = organization
        and t.metric_id = (checked ->> 'metric_id')::uuid
        and t.aggregation_level is not distinct from checked ->> 'aggregation_level'
        and t.aggregation_id is not distinct from (checked ->> 'aggregation_id')::uuid
        and t.effective_from > (path ->> 'from')::date
        and t.effective_from <= (path ->> 'to')::date
        and t.id <> all (ids);
    return cardinality(ids);
end
$set_glide_path$;

comment on function yardstick_api.set_glide_path(jsonb) is
'Sets a row of targets from one value to another in equal steps: {metric_name, from, from_value, to, to_value, step (weekly, monthly, quarterly, annual), '
'scope, reason}; targets of the scope in between are replaced. Returns how many were set. Errors as set_target.';

grant execute on function yardstick_api.set_glide_path(jsonb) to yardstick_app, yardstick_worker, yardstick_dba;
