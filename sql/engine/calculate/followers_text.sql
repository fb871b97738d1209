create or replace function yardstick_engine.followers_text()
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $followers_text$
    select $text$followers as (
    -- The next period shows this value as its previous one; it is valued again by whoever holds its slice.
    insert into yardstick.metric_dirty (organization_id, source_id, stage, measure_id, period_type, period_start, slice_start)
    select distinct
        f.organization_id, $7::uuid, case when f.period_type <= 3 then 'day' else 'month' end, u.measure_id, f.period_type, f.next_start,
        date_trunc(case when f.period_type <= 3 then 'month' else 'year' end, f.next_start::timestamp)::date
    from final as f
    left join existing as x
        on x.metric_id = f.metric_id and x.organization_id = f.organization_id and x.aggregation_level = f.aggregation_level
        and x.aggregation_id = f.aggregation_id and x.period_type = f.period_type and x.period_start = f.period_start
    inner join lateral (select m.measure_id from used as m where m.metric_id = f.metric_id order by 1 limit 1) as u on true
    where (x.metric_id is null or x.metric_value is distinct from f.metric_value::numeric(15, 4))
        and not exists (
            select from wanted as w
            where w.metric_id = f.metric_id and w.organization_id = f.organization_id
                and w.period_type = f.period_type and w.period_start = f.next_start
        )
        and exists (
            select from yardstick.metric_calculations as n
            where n.organization_id = f.organization_id and n.metric_id = f.metric_id and n.aggregation_level = f.aggregation_level
                and n.aggregation_id = f.aggregation_id and n.time_window = f.time_window
                and n.period_start = f.ends_at and n.period_end > f.ends_at and n.period_end <= f.ends_at + interval '370 days'
        )
    returning 1
)$text$
$followers_text$;

comment on function yardstick_engine.followers_text() is
'Text of the CTE that leaves a dirty row for the next period of each value that changed, where that period has a row and is not valued in the same statement.';
