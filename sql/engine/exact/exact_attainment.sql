create or replace function yardstick_engine.exact_attainment(
    metric_id         uuid,
    organization_id   uuid,
    aggregation_level text,
    aggregation_id    uuid,
    next_date         date,
    value             numeric
)
returns numeric
language sql
stable
set search_path = pg_catalog, pg_temp
as $exact_attainment$
    select case
        when d.direction = 'target_range' then case
            when t.target_low is null and t.target_high is null then null
            when exact_attainment.value < t.target_low or exact_attainment.value > t.target_high then 0.0
            else 100.0
        end
        when t.target_value is null then null
        when d.direction = 'higher_better' and exact_attainment.value >= t.target_value then 100.0
        when d.direction = 'higher_better' then case when t.target_value > 0 then greatest(100 * exact_attainment.value / t.target_value, 0) else 0.0 end
        when d.direction = 'lower_better' and exact_attainment.value <= t.target_value then 100.0
        when d.direction = 'lower_better' then case when t.target_value > 0 then 100 * t.target_value / exact_attainment.value else 0.0 end
    end
    from yardstick.metric_definitions as d
    cross join lateral yardstick_engine.exact_target(
        d.id, exact_attainment.organization_id, exact_attainment.aggregation_level, exact_attainment.aggregation_id, exact_attainment.next_date
    ) as t
    where d.id = exact_attainment.metric_id and exact_attainment.value is not null
$exact_attainment$;

comment on function yardstick_engine.exact_attainment(uuid, uuid, text, uuid, date, numeric) is
'How far a value attains the target of its metric for a scope and period, in percent from 0 to 100; null without value or target.';
