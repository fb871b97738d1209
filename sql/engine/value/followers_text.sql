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
    -- The next period shows this value as its previous one, and what fills it may be this value; it is valued again by whoever holds its slice.
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
    select distinct
        r.organization_id, $5::uuid, case when k.period_type <= 3 then 'day' else 'month' end, array[u.measure_id], k.period_type, f.period_start,
        date_trunc(
            case when k.period_type <= 3 then 'month' else 'year' end, (f.period_start + case k.period_type when 2 then 6 else 0 end)::timestamp
        )::date$text$
        ) end,
        -- The number after a period's is that of the next.
        case when followers_text.is_given or followers_text.has_cells
            then 'cell as n where n.metric_no = r.metric_no and n.period_no = r.period_no + 1'
            else 'period as n where n.period_no = r.period_no + 1' end,
        -- Any measure of the metric will do to have it valued again.
        case when followers_text.is_given then ''
            else 'inner join (values ' || m.filling_text || ') as u (metric_id, measure_id, period_types) on u.metric_id = r.metric_id'
                || format($text$
    -- A value that no row is behind changed with one before it, and those after it are likely to: one by one, years of days took hours.
    cross join lateral generate_series(0, case when r.sample_size = 0 then 30 else 0 end) as g (step)
    cross join lateral (select yardstick_engine.period_shift(p.next_start, %1$s, g.step) as next_start) as t
    cross join lateral unnest(u.period_types) as k (period_type)
    cross join lateral (
        select case k.period_type when %1$s then t.next_start
            else yardstick_engine.period_floor(t.next_start, k.period_type, p.week_start, p.fiscal_year_start_month) end as period_start
        where g.step = 0 or t.next_start <= p.today
    ) as f$text$, followers_text.period_type) end,
        case when followers_text.has_cells then $text$exists (
            select from beside as n where n.metric_no = r.metric_no and n.scope_no = r.scope_no and n.period_no = r.period_no and n.place = 1
        )$text$
        else $text$exists (
            select from stored as n where n.metric_no = r.metric_no and n.scope_no = r.scope_no and n.period_start = r.ends_at
        )$text$ end
    )
    from (
        select string_agg(format('(%L::uuid, %L::uuid, %L::integer[])', u.metric_id, u.measure_id, u.period_types), ', ') as filling_text
        from (
            select distinct on (b.metric_id)
                b.metric_id, b.measure_id,
                -- How many of its finest periods have rows is the quality of the longer ones.
                (
                    select array_agg(w.period_type) filter (where w.period_type = followers_text.period_type or w.is_finest)
                    from (
                        select
                            yardstick_engine.period_type(w.time_window) as period_type,
                            followers_text.period_type = min(yardstick_engine.period_type(w.time_window)) over () as is_finest
                        from unnest(d.time_windows) as w (time_window)
                    ) as w
                ) as period_types
            from yardstick_engine.batch_measures(followers_text.metric_ids) as b
            inner join yardstick.metric_definitions as d on d.id = b.metric_id and d.compiled ? 'fill'
            order by b.metric_id, b.measure_id
        ) as u
        where not followers_text.is_given
    ) as m
    where followers_text.is_given or m.filling_text is not null
$followers_text$;

comment on function yardstick_engine.followers_text(integer, uuid[], boolean, boolean) is
'Text of the CTE that leaves a row for the next period of each value that changed to be valued again, where that period has a row and is not valued in the same statement: of the metrics that fill periods without rows, or, is_given, of all, which have no measures. Null when there is none.';
