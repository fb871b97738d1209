create or replace function yardstick_engine.exact_target(
    metric_id         uuid,
    organization_id   uuid,
    aggregation_level text,
    aggregation_id    uuid,
    next_date         date,
    out target_value  numeric,
    out target_low    numeric,
    out target_high   numeric
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $exact_target$
    -- The target in effect on the last day of the period: of the scope, else of the organization, else of the platform, else of the
    -- definition.
    select k.target_value, k.target_low, k.target_high
    from (
        select
            t.target_value, t.target_low, t.target_high, t.effective_from,
            case when t.aggregation_level is not null then 1 when t.organization_id is not null then 2 else 3 end as place
        from yardstick.metric_targets as t
        where t.metric_id = exact_target.metric_id and t.effective_from < exact_target.next_date
            and (t.organization_id is null or t.organization_id = exact_target.organization_id)
            and (
                t.aggregation_level is null
                or (t.aggregation_level = exact_target.aggregation_level and t.aggregation_id = exact_target.aggregation_id)
            )
        union all
        select d.target_value, d.target_low, d.target_high, null, 4
        from yardstick.metric_definitions as d
        where d.id = exact_target.metric_id
    ) as k
    order by k.place, k.effective_from desc
    limit 1
$exact_target$;

comment on function yardstick_engine.exact_target(uuid, uuid, text, uuid, date) is
'Target of a metric for a scope in the period that ends before next_date.';
