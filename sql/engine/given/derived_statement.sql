-- Parameters: $1, $2 touched (organization, period start); $3 window; $4 period type; $5 levels; $6, $7 instants around all periods,
-- those looked back at included.
create or replace function yardstick_engine.derived_statement(compiled jsonb)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $derived_statement$
declare
    aliases_text text;
    columns_text text;
    is_looked_at text;
    has_lags     boolean;
begin
    select
        string_agg(format('(%s, %L, %s, %s::numeric)', c.number, c.body ->> 'metric_name', c.body ->> 'lag', c.body ->> 'weight'), ', '),
        string_agg(format('max(o.metric_value) filter (where o.alias_no = %s) as %I', c.number, c.alias), ', '),
        -- What is looked back at alone makes no value: the periods after the last one would have one too.
        case when bool_or(c.body ->> 'lag' = '0') then 'having bool_or(o.lag_periods = 0)' else '' end,
        bool_or(c.body ->> 'lag' <> '0')
    into aliases_text, columns_text, is_looked_at, has_lags
    from (
        select e.key as alias, e.value as body, row_number() over (order by e.key) as number
        from jsonb_each(compiled -> 'children') as e
    ) as c;

    return format(
        $text$
with
cell as materialized (
    select distinct u.organization_id, u.period_start, o.timezone
    from unnest($1::uuid[], $2::date[]) as u (organization_id, period_start)
    inner join yardstick.organizations as o on o.id = u.organization_id
),
-- An organization's own metric takes the place of the platform's of the same name.
child as materialized (
    select o.organization_id, a.alias_no, a.lag_periods, a.weight, d.id as metric_id, d.display_name, d.direction
    from (select distinct cell.organization_id from cell) as o
    cross join (values %1$s) as a (alias_no, metric_name, lag_periods, weight)
    cross join lateral (
        select d.id, d.display_name, d.direction
        from yardstick.metric_definitions as d
        where d.metric_name = a.metric_name and d.deleted_at is null and (d.organization_id = o.organization_id or d.organization_id is null)
        order by d.organization_id nulls last
        limit 1
    ) as d
),
operand as materialized (
    select
        k.organization_id, k.period_start, c.aggregation_level, c.aggregation_id, a.alias_no, a.lag_periods, a.weight, a.display_name,
        a.direction, c.metric_value, c.target_value, c.variance_from_target, c.sample_size
    from cell as k
    inner join child as a on a.organization_id = k.organization_id
    inner join yardstick.metric_calculations as c
        on c.organization_id = k.organization_id and c.metric_id = a.metric_id and c.aggregation_level = any($5) and c.time_window = $3
        and c.period_start = yardstick_engine.local_midnight(yardstick_engine.period_shift(k.period_start, $4, -a.lag_periods), k.timezone)
        and c.period_end > $6 and c.period_end <= $7%3$s
        -- What lost all its rows is not there any more.
        and (c.metric_value is not null or c.sample_size is distinct from 0)
)
%2$s$text$,
        aliases_text,
        case when compiled ? 'score' then format(
            $text$,
attained as (
    select
        o.*,
        case
            when o.metric_value is null then null
            when o.direction = 'target_range' then case when o.variance_from_target = 0 then 100.0 when o.variance_from_target is not null then 0.0 end
            when o.target_value is null then null
            when o.direction = 'higher_better' and o.metric_value >= o.target_value then 100.0
            when o.direction = 'higher_better' then case when o.target_value > 0 then greatest(100 * o.metric_value / o.target_value, 0) else 0.0 end
            when o.direction = 'lower_better' and o.metric_value <= o.target_value then 100.0
            when o.direction = 'lower_better' then case when o.target_value > 0 then 100 * o.target_value / o.metric_value else 0.0 end
        end as attainment
    from operand as o
)
select
    o.organization_id, o.period_start, o.aggregation_level, o.aggregation_id,
    sum(o.weight * o.attainment) / nullif(sum(o.weight) filter (where o.attainment is not null), 0) as value,
    max(o.sample_size)::bigint as sample_size,
    case when count(o.attainment) < %1$s then format(
        'made of %%s of %1$s parts: the others have no value or no target here', count(o.attainment)
    ) end as note
from attained as o
group by o.organization_id, o.period_start, o.aggregation_level, o.aggregation_id
%2$s$text$,
            (select count(*) from jsonb_object_keys(compiled -> 'children')), is_looked_at
        ) else format(
            $text$select
    v."$organization" as organization_id, v."$period" as period_start, v."$level" as aggregation_level, v."$scope" as aggregation_id, v."$value" as value,
    v."$sample" as sample_size, null::text as note
from (
    select "$organization", "$period", "$level", "$scope", "$sample", (%1$s)::numeric as "$value"
    from (
        select
            o.organization_id as "$organization", o.period_start as "$period", o.aggregation_level as "$level", o.aggregation_id as "$scope",
            max(o.sample_size)::bigint as "$sample", %2$s
        from operand as o
        group by o.organization_id, o.period_start, o.aggregation_level, o.aggregation_id
        %3$s
    ) as measures
) as v$text$,
            compiled ->> 'formula', columns_text, is_looked_at
        ) end,
        -- Who looks back to a date that the zone skipped finds nothing, and not the day after, which begins as it would have.
        case when has_lags then
            E'\n        and c.period_end = yardstick_engine.local_midnight(yardstick_engine.period_shift(k.period_start, $4, 1 - a.lag_periods), k.timezone)'
        else '' end
    );
end
$derived_statement$;

comment on function yardstick_engine.derived_statement(jsonb) is
'Text of the statement that values periods of a metric made of others, as compile_children returns it, from their stored values: by its formula, or as the weighted mean of how far each attains its target, in percent from 0 to 100.';
