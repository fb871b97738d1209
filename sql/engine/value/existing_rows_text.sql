create or replace function yardstick_engine.existing_rows_text(period_type integer, is_given boolean, has_cells boolean default false)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $existing_rows_text$
    select format($text$%1$s
    select
        %2$s,
        %4$s
    from %3$s
),
judged_or_gone as (
    select j.metric_no, j.scope_no, j.period_no, j.sample_size, j.metric_value, j.finding, j.note, j.confidence_interval
    from judged as j
    -- The days that were read are not the whole period: it stays an error until the others have been read. It is that of the organization,
    -- and no scope of it is stated either.
    where not exists (
        select from existing as x
        where x.metadata ? 'unread_dates' and x.metric_no = j.metric_no and x.period_no = j.period_no
    )
    union all
    select x.metric_no, x.scope_no, x.period_no, 0, null, 3::smallint, null, null
    from existing as x
    where not coalesce(x.metadata ? 'unread_dates', false) and not exists (
        select from judged as j
        where j.metric_no = x.metric_no and j.scope_no = x.scope_no and j.period_no = x.period_no
    )
),$text$,
        format(
            case when existing_rows_text.has_cells then
                -- Few cells of many: every key that could be stored is listed, and looked up once with the periods before and after, which
                -- stand beside it in the key.
                $text$candidate as materialized (
    select
        e.metric_no, s.scope_no, p.period_no, e.metric_id, s.organization_id, s.aggregation_level, s.aggregation_id, p.starts_at, p.ends_at
    from cell as k
    inner join period_bounds as p on p.period_no = k.period_no
    inner join eligible as e on e.eligible_no = (p.organization_no << 24) | k.metric_no
    inner join counted_scope as n on n.eligible_no = (p.organization_no << 24) | k.metric_no
    inner join scope as s on s.scope_no = n.scope_no and s.aggregation_level = any(e.aggregation_levels)
    -- In the order of their key, those that stand on one page follow one another.
    order by (s.organization_no << 49) | (e.metric_no << 41) | (s.scope_no << 19) | (p.period_no & 524287)
),
beside as materialized (
    select k.metric_no, k.scope_no, k.period_no, b.*
    from candidate as k
    cross join lateral (
        select
            case when c.period_end = k.starts_at then -1 when c.period_start = k.ends_at then 1 else 0 end as place, c.period_end,
            %3$s
        from yardstick.metric_calculations as c
        where c.organization_id = k.organization_id and c.metric_id = k.metric_id
            and c.aggregation_level = k.aggregation_level and c.aggregation_id = k.aggregation_id and c.time_window = %1$L
            and c.period_end >= k.starts_at and c.period_end <= k.ends_at + interval '%2$s days'
            and c.period_end >= $6::timestamp at time zone 'UTC' - interval '1 day' and c.period_end <= $8 + interval '%2$s days'
            and (c.period_end = k.starts_at or c.period_start = k.starts_at and c.period_end = k.ends_at or c.period_start = k.ends_at)
        offset 0
    ) as b
),
existing as not materialized ($text$
            else
                -- Each scope of each metric is one stretch of the key, from the period before those that are touched to the one after.
                -- By all keys that could be stored, of which most are not, the table was read whole, and once more for those beside.
                $text$stored as materialized (
    select
        e.metric_no, s.scope_no, e.organization_no, b.*
    from eligible as e
    inner join scope as s on s.organization_no = e.organization_no and s.aggregation_level = any(e.aggregation_levels)
    cross join lateral (
        select c.*
        from yardstick.metric_calculations as c
        where c.organization_id = s.organization_id and c.metric_id = e.metric_id
            and c.aggregation_level = s.aggregation_level and c.aggregation_id = s.aggregation_id and c.time_window = %1$L
            and c.period_end >= $6::timestamp at time zone 'UTC' - interval '1 day' and c.period_end <= $8 + interval '%2$s days'
        offset 0
    ) as b
),
existing as materialized ($text$
            end,
            yardstick_engine.window_name(existing_rows_text.period_type),
            (array[3, 9, 34, 95, 370])[existing_rows_text.period_type],
            c.columns_text
        ),
        case when existing_rows_text.has_cells then 'c.metric_no, c.scope_no, c.period_no' else 'c.metric_no, c.scope_no, p.period_no' end,
        case when existing_rows_text.has_cells then E'beside as c\n    where c.place = 0'
        else $text$stored as c
    inner join period as p on p.organization_no = c.organization_no and p.starts_at = c.period_start and p.ends_at = c.period_end$text$
            -- Given values come for some periods of some metrics: the others stand. Met by one number: by metric alone, every row would meet
            -- all periods of its metric.
            || case when existing_rows_text.is_given
                then E'\n    inner join cell as k on ((k.period_no << 8) | k.metric_no) = ((p.period_no << 8) | c.metric_no)' else '' end
        end,
        c.columns_text
    )
    from (
        select 'c.metric_value, c.previous_value, c.change_percentage, c.target_value, c.variance_from_target, c.percentile_rank, '
            'c.confidence_interval, c.data_quality_score, c.calculation_status, c.calculation_notes, c.error_code, c.sample_size, '
            'c.metric_version, c.metadata, c.calculation_timestamp, c.created_at' as columns_text
    ) as c
$existing_rows_text$;

comment on function yardstick_engine.existing_rows_text(integer, boolean, boolean) is
'Text of the CTEs that find the rows already stored for the touched periods, and give those whose data is gone a null value with a warning. Those of the periods beside are in stored, or, has_cells, in beside, by the touched cell and their place: -1 before it, 1 after it.';
