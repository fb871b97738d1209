-- Definer, with the engine's rights: the functions in a view are called with those of whoever reads it.
create or replace function yardstick_ops.unapproved_metrics()
returns table (metric_name text, version integer)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $unapproved_metrics$
    select
        d.metric_name,
        d.version
    from yardstick.metric_definitions as d
    where
        d.approval_status = 'approved'
        and d.deleted_at is null
        and cardinality(yardstick.required_gates(d.organization_id)) > 0
        and not exists (
            select from yardstick.metric_definition_versions as v
            where
                v.metric_id = d.id
                and v.version = d.version
                and v.status = 'approved'
                and v.content_hash = yardstick.content_hash(yardstick.definition_content(to_jsonb(d)))
                and v.content_hash = yardstick.content_hash(v.content)
        )
$unapproved_metrics$;

comment on function yardstick_ops.unapproved_metrics() is
'Metrics that serve with something else than the version that was approved: a trigger keeps it from happening, so somebody switched it off.';

grant execute on function yardstick_ops.unapproved_metrics() to yardstick_dba, yardstick_worker;
