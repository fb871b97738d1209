create or replace function yardstick_engine.exact_measure(measure jsonb, number bigint, is_filled boolean)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $exact_measure$
    select format(
        case when exact_measure.measure ->> 'agg' in ('percentile', 'count_distinct') then '%s'
            else '(select %s from day_state as d where d.measure_no = %s)' end,
        case
            when exact_measure.is_filled then format(
                'case when (select b.has_begun from begun as b where b.measure_no = %s) then coalesce(%s, 0) end', exact_measure.number, a.plain
            )
            -- Nothing counted is zero beside other measures; of nothing there is no sum, average or extreme.
            when exact_measure.measure ->> 'agg' in ('count', 'count_distinct') then format('coalesce(%s, 0)', coalesce(a.over_days, a.plain))
            else coalesce(a.over_days, a.plain)
        end,
        exact_measure.number
    )
    from (
        select
            case exact_measure.measure ->> 'agg'
                when 'count' then 'sum(d.row_count)'
                when 'sum' then 'sum(d.value_sum)'
                when 'avg' then 'sum(d.value_sum) / sum(d.row_count)'
                when 'min' then 'min(d.value_min)'
                when 'max' then 'max(d.value_max)'
                when 'stddev' then 'case when sum(d.row_count) > 1 then'
                    ' sqrt((sum(d.row_count) * sum(d.square_sum) - sum(d.value_sum) * sum(d.value_sum))'
                    ' / (sum(d.row_count) * (sum(d.row_count) - 1))) end'
                when 'first' then '(min(d.first_pair))[2]'
                when 'last' then '(max(d.last_pair))[2]'
                -- Of all days together, which is no aggregate of theirs.
                when 'percentile' then format(
                    'yardstick_engine.percentile_of(array(select v.value from day_state as e cross join lateral unnest(e.value_list) as v (value)'
                    ' where e.measure_no = %s order by v.value), %s)', exact_measure.number, exact_measure.measure ->> 'p'
                )
                when 'count_distinct' then format(
                    '(select count(distinct v.key)::numeric from day_state as e cross join lateral unnest(e.key_list) as v (key) where e.measure_no = %s)',
                    exact_measure.number
                )
            end as plain,
            case exact_measure.measure ->> 'over_time'
                when 'last' then '(array_agg(%s order by d.local_day desc) filter (where %1$s is not null))[1]'
                when 'first' then '(array_agg(%s order by d.local_day) filter (where %1$s is not null))[1]'
                when 'avg' then 'avg(%s)'
                when 'min' then 'min(%s)'
                when 'max' then 'max(%s)'
            end as over_time,
            case exact_measure.measure ->> 'agg'
                when 'count' then 'd.row_count'
                when 'sum' then 'd.value_sum'
                when 'avg' then '(d.value_sum / nullif(d.row_count, 0))'
                when 'min' then 'd.value_min'
                when 'max' then 'd.value_max'
            end as of_day
    ) as t
    cross join lateral (select t.plain, format(t.over_time, t.of_day) as over_days) as a
$exact_measure$;

comment on function yardstick_engine.exact_measure(jsonb, bigint, boolean) is
'Text of the sub-select that merges the days of one measure {agg, p, over_time} in exact_statement; is_filled: zero where there is nothing, from the first rows on.';
