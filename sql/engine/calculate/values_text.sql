-- Metrics that are one measure need no pivot; the others are pivoted together, once, and each formula reads its own
-- columns under the names its author gave them.
create or replace function yardstick_engine.values_text(
    metric_ids uuid[],
    failed     boolean
)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $values_text$
declare
    simple_text  text;
    pivot_text   text;
    branches     text := '';
    metric       record;
    aliases_text text;
    counts_text  text;
begin
    select string_agg(
        format('(%L::uuid, %L::uuid, %L)', d.id, used.body ->> 'measure_id', used.body ->> 'agg'), ', ' order by d.id
    )
    into simple_text
    from yardstick.metric_definitions as d
    cross join lateral jsonb_each(d.compiled -> 'measures') as used (measure_name, body)
    where d.id = any(values_text.metric_ids) and d.compiled @> '{"simple": true}';

    if simple_text is not null then
        branches := format(
            $text$select e.metric_id, c.organization_id, c.aggregation_level, c.aggregation_id, c.period_type, c.period_start,
        %s as value, c.row_count as sample_size
    from scoped as c
    inner join (values %s) as u (metric_id, measure_id, agg) on u.measure_id = c.measure_id
    inner join eligible as e on e.metric_id = u.metric_id and e.organization_id = c.organization_id
    where c.aggregation_level = any(e.aggregation_levels) and c.period_type = any(e.period_types)$text$,
            case when values_text.failed then 'null::numeric' else
                'case u.agg when ''count'' then c.row_count::numeric when ''sum'' then c.value_sum'
                || ' when ''avg'' then c.value_sum / c.row_count when ''min'' then c.value_min when ''max'' then c.value_max end'
            end,
            simple_text
        );
    end if;

    -- One column for each (measure, aggregate) and one count for each measure, numbered in the order of their ids.
    select string_agg(
        format(
            'max(%s) filter (where c.measure_id = %L::uuid) as u%s',
            yardstick_engine.aggregate_text(p.agg, 'c'), p.measure_id, p.number
        ), ', ' order by p.number
    ) || ', ' || string_agg(
        distinct format('max(c.row_count) filter (where c.measure_id = %L::uuid) as n%s', p.measure_id, p.measure_number), ', '
    )
    into pivot_text
    from yardstick_engine.formula_columns(values_text.metric_ids) as p;

    for metric in
        select d.id, d.compiled
        from yardstick.metric_definitions as d
        where d.id = any(values_text.metric_ids) and not d.compiled @> '{"simple": true}'
        order by d.id
    loop
        select
            string_agg(
                format(
                    -- Nothing counted is a count of zero beside other measures; of nothing there is no sum, average or extreme.
                    case when used.body ->> 'agg' = 'count' then 'coalesce(p.u%s, 0) as %I' else 'p.u%s as %I' end,
                    f.number, used.measure_name
                ), ', ' order by used.measure_name
            ),
            string_agg(distinct format('p.n%s', f.measure_number), ', ')
        into aliases_text, counts_text
        from jsonb_each(metric.compiled -> 'measures') as used (measure_name, body)
        inner join yardstick_engine.formula_columns(values_text.metric_ids) as f
            on f.measure_id = (used.body ->> 'measure_id')::uuid and f.agg = used.body ->> 'agg';

        branches := branches || case when branches = '' then '' else E'\n    union all\n    ' end || format(
            $text$select e.metric_id, v."$organization", v."$level", v."$scope", v."$type", v."$start", v."$value", v."$sample"
    from (
        select "$organization", "$level", "$scope", "$type", "$start", "$sample", (%1$s)::numeric as "$value"
        from (
            select p.organization_id as "$organization", p.aggregation_level as "$level", p.aggregation_id as "$scope",
                p.period_type as "$type", p.period_start as "$start", greatest(%2$s) as "$sample", %3$s
            from pivoted as p
        ) as measures
        where "$sample" is not null
    ) as v
    inner join eligible as e on e.metric_id = %4$L::uuid and e.organization_id = v."$organization"
    where v."$level" = any(e.aggregation_levels) and v."$type" = any(e.period_types)$text$,
            case when values_text.failed then 'null' else metric.compiled ->> 'formula' end,
            counts_text, aliases_text, metric.id
        );
    end loop;

    return case when pivot_text is null then '' else format(
        $text$pivoted as materialized (
    select c.organization_id, c.aggregation_level, c.aggregation_id, c.period_type, c.period_start, %s
    from scoped as c
    group by c.organization_id, c.aggregation_level, c.aggregation_id, c.period_type, c.period_start
),
$text$, pivot_text) end || 'valued (metric_id, organization_id, aggregation_level, aggregation_id, period_type, period_start, value, sample_size) as (
    ' || branches || E'\n),';
end
$values_text$;

comment on function yardstick_engine.values_text(uuid[], boolean) is
'Text of the CTEs that turn merged states into values of the given metrics. failed: every value is null, for a metric whose formula raised an error.';
