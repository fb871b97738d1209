create or replace function yardstick_engine.completeness_text(period_type integer, has_finer boolean)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $completeness_text$
    -- The finest periods inside this one that have ended are counted where they are stored.
    select case when completeness_text.has_finer then format(
        $text$case
            when f.finest = %1$s then case when f.ends_at <= $4 then 1 else 0 end
            -- Days by their length, for a zone may have skipped one.
            when f.finest = 1 and f.ends_at <= $4 then round(date_part('epoch', f.ends_at - f.starts_at) / 86400)::integer
            else yardstick_engine.period_count(f.finest, f.period_start, least(f.next_start, f.today), f.week_start, f.fiscal_year_start_month)
        end as ended,
        case
            when f.finest = %1$s
                then array[case when f.metric_value is not null or f.sample_size > 0 then 1 else 0 end, num_nonnulls(f.metric_value), null]::bigint[]
            else (
                select array[
                    count(*) filter (where c.metric_value is not null or c.sample_size > 0), count(c.metric_value),
                    extract(epoch from max(c.period_end) filter (where c.metric_value is not null or c.sample_size > 0))::bigint
                ]
                from yardstick.metric_calculations as c
                where c.organization_id = f.organization_id and c.metric_id = f.metric_id
                    and c.aggregation_level = f.aggregation_level and c.aggregation_id = f.aggregation_id
                    and c.time_window = case f.finest when 1 then 'daily' when 2 then 'weekly' when 3 then 'monthly' else 'quarterly' end
                    and c.period_end > f.starts_at and c.period_end <= least(f.ends_at, $4)
            )
        end as parts$text$,
        completeness_text.period_type
    ) else 'f.ends_at <= $4 as is_complete' end
$completeness_text$;

comment on function yardstick_engine.completeness_text(integer, boolean) is
'Text of the columns that the quality of the data is judged by. has_finer: some of the metrics have a finer window than this; then ended, the number of finest periods that have ended inside a period, and parts: how many of them have rows, how many a value, and when the last with rows ended, in seconds (null: the period itself). Otherwise is_complete, whether the period itself has ended.';
