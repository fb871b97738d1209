create or replace function yardstick_engine.completeness_text(period_type integer)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $completeness_text$
    -- Of the finest periods inside this one that have ended, how many have a value, counted where they are stored.
    select case when completeness_text.period_type = 1 then
        'case when f.ends_at <= $4 then 1 else 0 end as ended, case when f.metric_value is not null then 1 else 0 end as with_data'
    else format(
        $text$case
            when f.finest = %1$s then case when f.ends_at <= $4 then 1 else 0 end
            -- Days by their length, for a zone may have skipped one.
            when f.finest = 1 and f.ends_at <= $4 then round(date_part('epoch', f.ends_at - f.starts_at) / 86400)::integer
            else yardstick_engine.period_count(f.finest, f.period_start, least(f.next_start, f.today), f.week_start, f.fiscal_year_start_month)
        end as ended,
        case
            when f.finest = %1$s then case when f.metric_value is not null then 1 else 0 end
            else (
                select count(c.metric_value)
                from yardstick.metric_calculations as c
                where c.organization_id = f.organization_id and c.metric_id = f.metric_id
                    and c.aggregation_level = f.aggregation_level and c.aggregation_id = f.aggregation_id
                    and c.time_window = case f.finest when 1 then 'daily' when 2 then 'weekly' when 3 then 'monthly' else 'quarterly' end
                    and c.period_end > f.starts_at and c.period_end <= least(f.ends_at, $4)
            )
        end as with_data$text$,
        completeness_text.period_type
    ) end
$completeness_text$;

comment on function yardstick_engine.completeness_text(integer) is
'Text of the two columns completeness is made of: ended, the number of finest periods that have ended inside a period, and with_data, how many of them have a value.';
