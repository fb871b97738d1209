create or replace function yardstick_engine.existing_rows_text(time_window text, is_given boolean, has_cells boolean default false)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $existing_rows_text$
    -- Every key that could be stored is listed first, so that rows are met by their full key and not by metric.
    select format($text$candidate as materialized (
    select
        m.metric_no, s.scope_no, p.period_no, m.metric_id, s.organization_id, s.aggregation_level, s.aggregation_id, p.starts_at, p.ends_at
    from eligible as e
    inner join metric as m on m.metric_no = e.metric_no
    inner join scope as s on s.organization_no = e.organization_no and s.aggregation_level = any(e.aggregation_levels)
    inner join period as p on p.organization_no = e.organization_no
    %2$s
),
existing as materialized (
    select
        k.metric_no, k.scope_no, k.period_no,
        c.metric_value, c.previous_value, c.change_percentage, c.target_value, c.variance_from_target, c.percentile_rank,
        c.confidence_interval, c.data_quality_score, c.calculation_status, c.calculation_notes, c.error_code, c.sample_size, c.metric_version, c.metadata, c.calculation_timestamp, c.created_at
    from candidate as k
    %3$s
),
judged_or_gone as (
    select j.metric_no, j.scope_no, j.period_no, j.sample_size, j.metric_value, j.calculation_status, j.calculation_notes, j.error_code,
        j.confidence_interval
    from judged as j
    -- The days that were read are not the whole period: it stays an error until the others have been read.
    where not exists (
        select from existing as x
        where x.metadata ? 'unread_dates'
            and x.metric_no = j.metric_no and x.scope_no = j.scope_no and x.period_no = j.period_no
    )
    union all
    select x.metric_no, x.scope_no, x.period_no, 0, null, 'warning', 'no source rows are left in this period', null, null
    from existing as x
    where not coalesce(x.metadata ? 'unread_dates', false) and not exists (
        select from judged as j
        where j.metric_no = x.metric_no and j.scope_no = x.scope_no and j.period_no = x.period_no
    )
),$text$,
        existing_rows_text.time_window,
        -- Given values come for some periods of some metrics: the others stand.
        case
            when existing_rows_text.has_cells then
                $text$inner join cell as k on k.metric_no = m.metric_no and k.period_no = p.period_no
    inner join counted_scope as n on n.metric_no = m.metric_no and n.scope_no = s.scope_no$text$
            when existing_rows_text.is_given
                then 'inner join cell as k on k.metric_no = m.metric_no and k.period_no = p.period_no'
            else ''
        end,
        format(
            case when existing_rows_text.has_cells then $text$cross join lateral (
        select b.*
        from yardstick.metric_calculations as b
        where b.organization_id = k.organization_id and b.metric_id = k.metric_id
            and b.aggregation_level = k.aggregation_level and b.aggregation_id = k.aggregation_id
            and b.time_window = %1$L and b.period_end = k.ends_at and b.period_start = k.starts_at
            and b.period_end >= $6::timestamp at time zone 'UTC' - interval '1 day' and b.period_end <= $8
        offset 0
    ) as c$text$ else $text$inner join yardstick.metric_calculations as c
        on c.organization_id = k.organization_id and c.metric_id = k.metric_id
        and c.aggregation_level = k.aggregation_level and c.aggregation_id = k.aggregation_id
        and c.time_window = %1$L and c.period_end = k.ends_at and c.period_start = k.starts_at
        and c.period_end >= $6::timestamp at time zone 'UTC' - interval '1 day' and c.period_end <= $8$text$ end,
            existing_rows_text.time_window
        )
    )
$existing_rows_text$;

comment on function yardstick_engine.existing_rows_text(text, boolean, boolean) is
'Text of the CTEs that find the rows already stored for the touched periods, and give those whose data is gone a null value with a warning.';
