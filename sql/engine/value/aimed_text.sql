create or replace function yardstick_engine.aimed_text(
    metric_ids  uuid[],
    period_type integer,
    is_given    boolean,
    has_rows    boolean,
    has_before  boolean,
    has_cells   boolean,
    has_targets boolean,
    parts_text  text,
    has_finer   boolean
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $aimed_text$
    select format(
        -- The number of a row is its key: the rest is looked up. Nothing but speed depends on the order of the rows, and what hashes the
        -- small side keeps it.
        $text$keyed as not materialized (
    select
        o.row_no, (o.row_no >> 41) & 255 as metric_no, s.scope_no, p.period_no,
        s.organization_id, e.metric_id, s.aggregation_level, s.aggregation_id, p.starts_at, p.ends_at,
        o.sample_size, o.metric_value, o.finding, o.note, o.percentile_rank, o.confidence_interval, o.value_before, o.follows,
        e.version, e.direction, e.target_value, e.target_low, e.target_high, e.finest,
        p.period_start, p.next_start, p.today, p.week_start, p.fiscal_year_start_month%8$s
    from ordered as o
    inner join scope as s on s.scope_no = (o.row_no >> 19) & 4194303
    inner join eligible as e on e.eligible_no = (s.organization_no << 24) | ((o.row_no >> 41) & 255)
    inner join period_bounds as p on p.period_no = (s.organization_no << 24) | (o.row_no & 524287)%1$s
),
%2$saimed as not materialized (
    select
        f.row_no, f.metric_no, f.scope_no, f.period_no, f.organization_id, f.metric_id, f.aggregation_level, f.aggregation_id,
        f.starts_at, f.ends_at, f.sample_size, f.metric_value, f.finding, f.note,
        f.version, f.direction, f.percentile_rank, f.confidence_interval, f.finest, f.period_start, f.week_start, f.fiscal_year_start_month,
        case when f.follows then f.value_before%3$s end as previous_value%4$s,
        %5$s
    from keyed as f%6$s%7$s
),
$text$,
        -- Where all metrics have the same levels, no others were counted.
        case when aimed_text.is_given or (
            select count(distinct d.aggregation_levels) > 1 from yardstick.metric_definitions as d where d.id = any(aimed_text.metric_ids)
        ) then E'\n    where s.aggregation_level = any(e.aggregation_levels)' else '' end,
        yardstick_engine.target_text(aimed_text.has_targets),
        case when aimed_text.has_rows or aimed_text.has_before then ' else q.metric_value' else '' end,
        yardstick_engine.target_columns_text(aimed_text.has_targets),
        aimed_text.parts_text, -- 5
        case
            when aimed_text.has_rows and not aimed_text.has_cells then
                $text$
    left join stored as q
        on not f.follows and q.metric_no = f.metric_no and q.scope_no = f.scope_no and q.period_end = f.starts_at$text$
            when aimed_text.has_rows then
                $text$
    left join beside as q
        on not f.follows and q.metric_no = f.metric_no and q.scope_no = f.scope_no and q.period_no = f.period_no and q.place = -1$text$
            -- Few values are looked up one by one, whatever the planner thinks of it: those of the first period.
            when aimed_text.has_before then format(
                $text$
    left join lateral (
        select b.metric_value
        from yardstick.metric_calculations as b
        where not f.follows and (f.period_no & 524287) = 1 and b.organization_id = f.organization_id and b.metric_id = f.metric_id
            and b.aggregation_level = f.aggregation_level and b.aggregation_id = f.aggregation_id
            and b.time_window = %1$L and b.period_end = f.starts_at and b.period_end >= $6::timestamp at time zone 'UTC' - interval '1 day'
            and b.period_end < $8
        offset 0
    ) as q on true$text$,
                yardstick_engine.window_name(aimed_text.period_type)
            )
            else ''
        end || yardstick_engine.target_joins_text(aimed_text.has_targets),
        -- Counted once: pulled up, the count would be made again wherever it is read.
        case when aimed_text.has_finer then E'\n    offset 0' else '' end,
        case when aimed_text.has_finer then ', p.ended[e.finest] as ended' else '' end
    )
$aimed_text$;

comment on function yardstick_engine.aimed_text(uuid[], integer, boolean, boolean, boolean, boolean, boolean, text, boolean) is
'Text of the CTEs that give ordered values their keys, the value of the period before, their target, and what the quality of their data is judged by. The flags are those of calculate_statement. parts_text: the columns that quality is judged by (completeness_text); has_finer: some are counted in finer periods.';
