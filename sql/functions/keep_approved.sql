-- as: deployer
-- What serves is what was approved, whoever writes the row. Definer, with the engine's rights: it reads versions of the platform too.
create or replace function yardstick.keep_approved()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $keep_approved$
begin
    if new.approval_status <> 'approved' or cardinality(yardstick.required_gates(new.organization_id)) = 0 then
        return new;
    end if;
    if tg_op = 'UPDATE' and old.approval_status = 'approved' and old.version = new.version
        and yardstick.definition_content(old) = yardstick.definition_content(new)
        and old.organization_id is not distinct from new.organization_id
    then
        return new;
    end if;
    if not exists (
        select from yardstick.metric_definition_versions as v
        where v.metric_id = new.id and v.version = new.version and v.status = 'approved'
            and v.organization_id is not distinct from new.organization_id
            and v.content_hash = yardstick.content_hash(yardstick.definition_content(new))
    ) then
        raise exception using
            errcode = 'YS005',
            message = format(
                'the metric %s would say something that nobody approved; change it with yardstick_api.define_metric and have that approved',
                new.metric_name
            );
    end if;
    return new;
end
$keep_approved$;

alter function yardstick.keep_approved() owner to yardstick_engine_role;
revoke execute on function yardstick.keep_approved() from public;
grant execute on function yardstick.keep_approved() to yardstick_owner;

comment on function yardstick.keep_approved() is
'Trigger: a metric serves only with the content of a version that was approved.';
