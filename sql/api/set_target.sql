-- Definer, with the owner's rights, under the policies of the login.
create or replace function yardstick_api.set_target(target jsonb)
returns uuid
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $set_target$
declare
    organization uuid := yardstick.require_organization();
    checked      jsonb := yardstick_engine.check_target(organization, set_target.target);
    row_id       uuid;
    old_row      yardstick.metric_targets;
    new_row      yardstick.metric_targets;
    zone         text;
begin
    new_row := jsonb_populate_record(null::yardstick.metric_targets, checked);
    select o.timezone into zone from yardstick.organizations as o where o.id = organization for no key update;
    select t.*
    into old_row
    from yardstick.metric_targets as t
    where
        t.organization_id = organization
        and t.metric_id = new_row.metric_id
        and t.aggregation_level is not distinct from new_row.aggregation_level
        and t.aggregation_id is not distinct from new_row.aggregation_id
        and t.effective_from = new_row.effective_from;
    if found then
        row_id := old_row.id;
        update yardstick.metric_targets as t
        set
            target_value = new_row.target_value,
            target_low = new_row.target_low,
            target_high = new_row.target_high,
            reason = new_row.reason,
            created_by = yardstick.current_user_id()
        where t.id = row_id and t.organization_id = organization;
    else
        insert into yardstick.metric_targets as t (
            organization_id, metric_id, aggregation_level, aggregation_id, effective_from,
            target_value, target_low, target_high, reason, created_by
        )
        values (
            organization, new_row.metric_id, new_row.aggregation_level, new_row.aggregation_id, new_row.effective_from,
            new_row.target_value, new_row.target_low, new_row.target_high, new_row.reason, yardstick.current_user_id()
        )
        returning t.id into row_id;
    end if;

    -- Values of periods since then are held against another target now.
    if (old_row.target_value, old_row.target_low, old_row.target_high)
        is distinct from (new_row.target_value, new_row.target_low, new_row.target_high)
        and yardstick_engine.local_midnight(new_row.effective_from, zone) <= now()
    then
        perform yardstick_engine.queue_refresh(
            organization, new_row.metric_id, yardstick_engine.local_midnight(new_row.effective_from, zone), now()
        );
    end if;
    return row_id;
end
$set_target$;

comment on function yardstick_api.set_target(jsonb) is
'Sets the target of a metric from a date on, for every scope or one, and returns its id; the same date again replaces '
'it. YS001: a key is unknown, of another type or impossible, or a target in force is changed without a reason. '
'YS003: no such metric or scope. YS004: no organization chosen. YS006: the date is out of range.';

grant execute on function yardstick_api.set_target(jsonb) to yardstick_app, yardstick_worker, yardstick_dba;
