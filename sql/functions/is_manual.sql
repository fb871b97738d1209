create or replace function yardstick.is_manual(organization_id uuid, metric_name text)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $is_manual$
    select coalesce(
        (
            select d.calculation_method = 'manual'
            from yardstick.metric_definitions as d
            where
                d.metric_name = is_manual.metric_name
                and (d.organization_id = is_manual.organization_id or d.organization_id is null)
            order by d.deleted_at is not null, d.organization_id nulls last
            limit 1
        ),
        false
    )
$is_manual$;

comment on function yardstick.is_manual(uuid, text) is
'Whether the observations of this name are values of a metric kept by hand.';

grant execute on function yardstick.is_manual(uuid, text) to yardstick_engine_role;
