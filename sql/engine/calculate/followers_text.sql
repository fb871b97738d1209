create or replace function yardstick_engine.followers_text(
    period_type integer,
    metric_ids  uuid[],
    is_given    boolean,
    has_cells   boolean default false
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $followers_text$
    -- The next period shows this value as its previous one; it is valued again by whoever holds its slice.
    select format(
        $text$followers as (
    %1$s
    from row_wanted as r
    inner join period as p on p.period_no = r.period_no
    left join existing as x on x.metric_no = r.metric_no and x.scope_no = r.scope_no and x.period_no = r.period_no
    %3$s
    where not exists (select from %2$s)
        -- In this order: what did not change is followed by nobody.
        and case when x.metric_no is null or x.metric_value is distinct from r.metric_value then %4$s else false end
    returning 1
)$text$,
        case when followers_text.is_given then format(
            $text$insert into yardstick.metric_pending (organization_id, metric_id, period_type, period_start)
    select distinct r.organization_id, r.metric_id, %s, p.next_start$text$, followers_text.period_type
        ) else format(
            $text$insert into yardstick.metric_dirty (organization_id, source_id, stage, measure_ids, period_type, period_start, slice_start)
    select distinct r.organization_id, $5::uuid, %1$L, array[u.measure_id], %2$s, p.next_start, date_trunc(%3$L, (p.next_start + %4$s)::timestamp)::date$text$,
            case when followers_text.period_type <= 3 then 'day' else 'month' end,
            followers_text.period_type,
            case when followers_text.period_type <= 3 then 'month' else 'year' end,
            case when followers_text.period_type = 2 then 6 else 0 end
        ) end,
        -- The number after a period's is that of the next.
        case when followers_text.is_given or followers_text.has_cells
            then 'cell as n where n.metric_no = r.metric_no and n.period_no = r.period_no + 1'
            else 'period as n where n.period_no = r.period_no + 1' end,
        -- Any measure of the metric will do to have it valued again.
        case when followers_text.is_given then '' else format(
            'inner join (values %s) as u (metric_id, measure_id) on u.metric_id = r.metric_id',
            (
                select string_agg(format('(%L::uuid, %L::uuid)', m.metric_id, m.measure_id), ', ')
                from (
                    select distinct on (b.metric_id) b.metric_id, b.measure_id
                    from yardstick_engine.batch_measures(followers_text.metric_ids) as b
                    order by b.metric_id, b.measure_id
                ) as m
            )
        ) end,
        case when followers_text.has_cells then format(
            -- One by one, where they are few.
            $text$0 < (
            select count(*) from yardstick.metric_calculations as n
            where n.organization_id = r.organization_id and n.metric_id = r.metric_id and n.aggregation_level = r.aggregation_level
                and n.aggregation_id = r.aggregation_id and n.time_window = %1$L
                and n.period_start = r.ends_at and n.period_end > r.ends_at and n.period_end <= r.ends_at + interval '%2$s days'
                and n.period_end > $6::timestamp at time zone 'UTC' - interval '1 day' and n.period_end <= $8 + interval '%2$s days'
        )$text$, yardstick_engine.window_name(followers_text.period_type), (array[3, 9, 34, 95, 370])[followers_text.period_type]
        )
        else $text$exists (
            select from stored as n where n.metric_no = r.metric_no and n.scope_no = r.scope_no and n.period_start = r.ends_at
        )$text$ end
    )
$followers_text$;

comment on function yardstick_engine.followers_text(integer, uuid[], boolean, boolean) is
'Text of the CTE that leaves a dirty row for the next period of each value of the given metrics that changed, where that period has a row and is not valued in the same statement. is_given: the metrics have no measures.';
