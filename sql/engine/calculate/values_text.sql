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
    -- By the number it has in metric, and apart (OFFSET 0): joined later, every value met every metric of its organization before.
    select string_agg(format('(%s::bigint, %s::bigint, %L)', n.metric_no, b.measure_no, b.agg), ', ' order by n.metric_no)
    into simple_text
    from yardstick_engine.batch_measures(values_text.metric_ids) as b
    inner join (
        select d.id, row_number() over (order by d.id) as metric_no
        from yardstick.metric_definitions as d
        where d.id = any(values_text.metric_ids)
    ) as n on n.id = b.metric_id
    where b.is_simple;

    if simple_text is not null then
        branches := format(
            $text$(select u.metric_no, s.scope_no, s.period_no, %s as value, s.row_count as sample_size
    from state as s
    inner join (values %s) as u (metric_no, measure_no, agg) on u.measure_no = s.measure_no
    offset 0)$text$,
            case when values_text.failed then 'null::numeric' else
                'case u.agg when ''count'' then s.row_count::numeric when ''sum'' then s.value_sum'
                || ' when ''avg'' then s.value_sum / s.row_count when ''min'' then s.value_min when ''max'' then s.value_max else s.value_sum end'
            end,
            simple_text
        );
    end if;

    -- One column for each (measure, aggregate) and one count for each measure.
    select string_agg(p.column_text, ', ' order by p.column_text)
    into pivot_text
    from (
        select distinct format(
            'max(%s) filter (where s.measure_no = %s) as %s_%s',
            yardstick_engine.aggregate_text(b.agg, 's'), b.measure_no, b.agg, b.measure_no
        ) as column_text
        from yardstick_engine.batch_measures(values_text.metric_ids) as b
        where not b.is_simple
        union
        select format('max(s.row_count) filter (where s.measure_no = %s) as rows_%s', b.measure_no, b.measure_no)
        from yardstick_engine.batch_measures(values_text.metric_ids) as b
        where not b.is_simple
    ) as p;

    for metric in
        select d.id, d.compiled ->> 'formula' as formula
        from yardstick.metric_definitions as d
        where d.id = any(values_text.metric_ids) and not d.compiled @> '{"simple": true}'
        order by d.id
    loop
        select
            string_agg(
                format(
                    -- Nothing counted is a count of zero beside other measures; of nothing there is no sum, average or extreme.
                    case when b.agg in ('count', 'special_count') then 'coalesce(p.%1$s_%2$s, 0) as %3$I' else 'p.%1$s_%2$s as %3$I' end,
                    b.agg, b.measure_no, b.measure_name
                ), ', ' order by b.measure_name
            ),
            string_agg(distinct format('p.rows_%s', b.measure_no), ', ')
        into aliases_text, counts_text
        from yardstick_engine.batch_measures(values_text.metric_ids) as b
        where b.metric_id = metric.id;

        -- The formula sees its measures and nothing else: no column of ours can be meant by a name in it.
        branches := branches || case when branches = '' then '' else E'\n    union all\n    ' end || format(
            $text$select m.metric_no, v."$scope", v."$period", v."$value", v."$sample"
    from (
        select "$scope", "$period", "$sample", (%1$s)::numeric as "$value"
        from (
            select p.scope_no as "$scope", p.period_no as "$period", greatest(%2$s) as "$sample", %3$s
            from pivoted as p
        ) as measures
    ) as v
    inner join metric as m on m.metric_id = %4$L::uuid
    where v."$sample" is not null$text$,
            case when values_text.failed then 'null' else metric.formula end,
            counts_text, aliases_text, metric.id
        );
    end loop;

    return case when pivot_text is null then '' else format(
        $text$pivoted as materialized (
    select s.scope_no, s.period_no, %s
    from state as s
    group by s.scope_no, s.period_no
),
$text$, pivot_text) end || E'valued (metric_no, scope_no, period_no, value, sample_size) as (\n    ' || branches || E'\n),';
end
$values_text$;

comment on function yardstick_engine.values_text(uuid[], boolean) is
'Text of the CTEs that turn merged states into values of the given metrics. failed: every value is null, for a metric whose formula raised an error.';
