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
    squares_text text;
    spread_text  text;
    has_formulas boolean;
begin
    -- By the number it has in metric, and apart (OFFSET 0): joined later, every value met every metric of its organization before.
    select
        string_agg(
            format(
                '(%s::bigint, %s::bigint, %L, %L, %s)',
                n.metric_no, b.measure_no, b.agg, i.interval_kind, coalesce(b.squares_no::text, 'null::bigint')
            ), ', ' order by n.metric_no
        ),
        string_agg(distinct b.squares_no::text, ', ') filter (where i.interval_kind = 'mean')
    into simple_text, squares_text
    from yardstick_engine.batch_measures(values_text.metric_ids) as b
    inner join (
        select d.id, d.metric_type, d.data_sources, d.compiled, row_number() over (order by d.id) as metric_no
        from yardstick.metric_definitions as d
        where d.id = any(values_text.metric_ids)
    ) as n on n.id = b.metric_id
    left join lateral yardstick_engine.interval_of(n.metric_type, n.data_sources, n.compiled) as i on true
    where b.is_simple;

    if simple_text is not null then
        branches := format(
            $text$(select u.metric_no, s.scope_no, s.period_no, %s as value, s.row_count as sample_size, u.interval_kind, %s as spread
    from state as s
    inner join (values %s) as u (metric_no, measure_no, agg, interval_kind, squares_no) on u.measure_no = s.measure_no%s
    offset 0)$text$,
            case when values_text.failed then 'null::numeric' else
                'case u.agg when ''count'' then s.row_count::numeric when ''sum'' then s.value_sum'
                || ' when ''avg'' then s.value_sum / s.row_count when ''min'' then s.value_min when ''max'' then s.value_max else s.value_sum end'
            end,
            -- Nothing is divided before the difference, which is exact.
            case when squares_text is null then 'null::float8' else
                'case when q.measure_no is not null and s.row_count > 1 then sqrt('
                || '(s.row_count * q.value_sum - s.value_sum * s.value_sum)::float8 / (s.row_count - 1)) / s.row_count end'
            end,
            simple_text,
            case when squares_text is null then '' else format(
                E'\n    left join (select z.measure_no, z.scope_no, z.period_no, z.value_sum from state as z where z.measure_no in (%s)) as q'
                ' on q.measure_no = u.squares_no and q.scope_no = s.scope_no and q.period_no = s.period_no', squares_text
            ) end
        );
    end if;

    -- Read once for all the formulas there are, of which there are often none.
    select exists (
        select from yardstick.metric_definitions as d where d.id = any(values_text.metric_ids) and not d.compiled @> '{"simple": true}'
    ) into has_formulas;
    if has_formulas then
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
    end if;

    for metric in
        select d.id, d.compiled ->> 'formula' as formula, i.interval_kind, i.part_name, i.whole_name, i.is_rest
        from yardstick.metric_definitions as d
        left join lateral yardstick_engine.interval_of(d.metric_type, d.data_sources, d.compiled) as i on true
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
            string_agg(distinct format('p.rows_%s', b.measure_no), ', '),
            format(
                case when metric.is_rest then '(%2$s - %1$s)::float8' when metric.interval_kind is not null then '(%1$s)::float8' else 'null::float8' end,
                format('coalesce(p.rows_%s, 0)', max(b.measure_no) filter (where b.measure_name = metric.part_name)),
                format('p.rows_%s', max(b.measure_no) filter (where b.measure_name = metric.whole_name))
            )
        into aliases_text, counts_text, spread_text
        from yardstick_engine.batch_measures(values_text.metric_ids) as b
        where b.metric_id = metric.id;

        -- The formula sees its measures and nothing else: no column of ours can be meant by a name in it.
        branches := branches || case when branches = '' then '' else E'\n    union all\n    ' end || format(
            $text$select m.metric_no, v."$scope", v."$period", v."$value", v."$sample", %5$L::text, v."$spread"
    from (
        select "$scope", "$period", "$sample", (%1$s)::numeric as "$value", "$spread"
        from (
            select p.scope_no as "$scope", p.period_no as "$period", greatest(%2$s) as "$sample", %6$s as "$spread", %3$s
            from pivoted as p
        ) as measures
    ) as v
    inner join metric as m on m.metric_id = %4$L::uuid
    where v."$sample" is not null$text$,
            case when values_text.failed then 'null' else metric.formula end,
            counts_text, aliases_text, metric.id, metric.interval_kind, spread_text
        );
    end loop;

    return case when pivot_text is null then '' else format(
        $text$pivoted as materialized (
    select s.scope_no, s.period_no, %s
    from state as s
    group by s.scope_no, s.period_no
),
$text$, pivot_text) end || E'valued (metric_no, scope_no, period_no, value, sample_size, interval_kind, spread) as (\n    ' || branches || E'\n),';
end
$values_text$;

comment on function yardstick_engine.values_text(uuid[], boolean) is
'Text of the CTEs that turn merged states into values of the given metrics, with what their confidence intervals are made of. failed: every value is null, for a metric whose formula raised an error.';
