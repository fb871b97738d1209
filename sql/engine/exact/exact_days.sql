-- Days that are as they were written come from their states, the others from the rows of the source.
create or replace function yardstick_engine.exact_days(measure jsonb, number bigint, state_kind text, has_unread boolean)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $exact_days$
    select case when exact_days.state_kind = 'sums' then format(
        $text$select %1$s, p.period_start, sum(p.row_count)::numeric, sum(p.value_sum), min(p.value_min), max(p.value_max), %3$s,
    null::numeric[], null::numeric[], null::numeric[], null::uuid[]
from member as m
inner join yardstick.metric_partials as p on p.period_type = 1 and p.series_id = m.series_id and p.organization_id = m.organization_id%4$s
where m.measure_id = %2$L::uuid and p.period_start >= $1 and p.period_start < $2 and p.period_start <> all($3)
group by p.period_start$text$,
        exact_days.number, exact_days.measure ->> 'measure_id',
        case when exact_days.measure ->> 'squares_id' is null then 'null::numeric' else 'sum(q.value_sum)' end,
        case when exact_days.measure ->> 'squares_id' is null then '' else format(
            $text$
left join member as mq
    on mq.measure_id = %L::uuid and mq.aggregation_level = m.aggregation_level and mq.aggregation_id = m.aggregation_id
left join yardstick.metric_partials as q
    on q.period_type = 1 and q.series_id = mq.series_id and q.organization_id = mq.organization_id and q.period_start = p.period_start$text$,
            exact_days.measure ->> 'squares_id'
        ) end
    ) else format(
        $text$select %1$s, d.period_start, d.row_count::numeric, null::numeric, null::numeric, null::numeric, null::numeric,
    case when d.first_at is not null then array[extract(epoch from d.first_at), d.first_value] end,
    case when d.last_at is not null then array[extract(epoch from d.last_at), d.last_value] end, d.value_list, d.key_list
from member as m
inner join yardstick.metric_details as d on d.organization_id = m.organization_id and d.series_id = m.series_id
where m.measure_id = %2$L::uuid and d.period_start >= $1 and d.period_start < $2 and d.period_start <> all($3)$text$,
        exact_days.number, exact_days.measure ->> 'measure_id'
    ) end
    || case when not exact_days.has_unread then '' else format(
        $text$
union all
select %1$s, k."$day", %2$s::numeric, %3$s
from kept as k
where k."$f%1$s" and k."$day" >= $1
group by k."$day"
having %2$s > 0$text$,
        exact_days.number,
        case when exact_days.measure ->> 'expression' is null then 'count(*)' else format('count(k."$v%s")', exact_days.number) end,
        format(
            case case exact_days.state_kind when 'digest' then 'list' when 'registers' then 'distinct' else exact_days.state_kind end
                when 'ends' then 'null::numeric, null::numeric, null::numeric, null::numeric,'
                    ' min(array[k."$seconds", k."$v%1$s"]) filter (where k."$v%1$s" is not null),'
                    ' max(array[k."$seconds", k."$v%1$s"]) filter (where k."$v%1$s" is not null), null::numeric[], null::uuid[]'
                when 'list' then 'null::numeric, null::numeric, null::numeric, null::numeric, null::numeric[], null::numeric[],'
                    ' array_agg(k."$v%1$s") filter (where k."$v%1$s" is not null), null::uuid[]'
                when 'distinct' then 'null::numeric, null::numeric, null::numeric, null::numeric, null::numeric[], null::numeric[], null::numeric[],'
                    ' array_agg(distinct md5(k."$v%1$s")::uuid) filter (where k."$v%1$s" is not null)'
                else 'sum(k."$v%1$s"), min(k."$v%1$s"), max(k."$v%1$s"), sum(k."$v%1$s" * k."$v%1$s"), null::numeric[], null::numeric[],'
                    ' null::numeric[], null::uuid[]'
            end, exact_days.number
        )
    ) end
$exact_days$;

comment on function yardstick_engine.exact_days(jsonb, bigint, text, boolean) is
'Text of the selects that give the days of one measure in exact_statement: from stored states, and with has_unread from the rows of other days.';
