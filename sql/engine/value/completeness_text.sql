-- The finest periods inside this one that have ended are counted where they are stored; how many there could be is the same for all values
-- of a period. Constant bounds tell the planner which partitions it can leave out. Of quarters and years that have ended, months tell by
-- their own shares, which are exact for so few days: twelve rows are read in place of a year of days.
create or replace function yardstick_engine.completeness_text(period_type integer, finest_types integer[], monthless uuid[] default null)
returns table (periods_text text, columns_text text)
language sql
immutable
rows 1
set search_path = pg_catalog, pg_temp
as $completeness_text$
    select
        format(E',\n        array[%s]::integer[] as ended', (
            select string_agg(
                case
                    when n.finest = completeness_text.period_type then 'case when p.ends_at <= $4 then 1 else 0 end'
                    when n.finest <> all(completeness_text.finest_types) then 'null'
                    else format(
                        '%syardstick_engine.period_count(%s, p.period_start, least(p.next_start, p.today), p.week_start, p.fiscal_year_start_month)%s',
                        -- Days by their length, for a zone may have skipped one.
                        case when n.finest = 1 then
                            'case when p.ends_at <= $4 then round(date_part(''epoch'', p.ends_at - p.starts_at) / 86400)::integer else '
                        else '' end,
                        n.finest,
                        case when n.finest = 1 then ' end' else '' end
                    )
                end, E',\n            ' order by n.finest
            )
            from generate_series(1, completeness_text.period_type) as n (finest)
        )),
        'f.ended,
        ' || case when completeness_text.period_type = any(completeness_text.finest_types) then format(
            'case when f.finest = %s then array[case when f.metric_value is not null or f.sample_size > 0 then 1 else 0 end,'
            ' num_nonnulls(f.metric_value), null]::bigint[] else ', completeness_text.period_type
        ) else '' end
        || case when m.by_months then format(
            'case when f.finest = 1 and f.ends_at <= $4%s then %s else %s end',
            case when cardinality(completeness_text.monthless) > 0 then format(' and f.metric_id <> all(%L::uuid[])', completeness_text.monthless) else '' end,
            c.months_text, c.counted_text
        ) else c.counted_text end
        || case when completeness_text.period_type = any(completeness_text.finest_types) then ' end' else '' end
        || ' as parts'
    from (
        select
            completeness_text.monthless is not null and completeness_text.period_type > 3 and 1 = any(completeness_text.finest_types) as by_months,
            cardinality(completeness_text.finest_types) = 1 as is_one
    ) as m
    cross join lateral (
        select
            format(
                $text$(
            select array[count(*), count(c.metric_value), date_part('epoch', max(c.period_end))::bigint]
            from yardstick.metric_calculations as c
            where c.organization_id = f.organization_id and c.metric_id = f.metric_id
                and c.aggregation_level = f.aggregation_level and c.aggregation_id = f.aggregation_id and c.time_window = %s
                and c.period_end > f.starts_at and c.period_end <= least(f.ends_at, $4)
                and c.period_end >= $6::timestamp at time zone 'UTC' - interval '1 day' and c.period_end <= $8
                and (c.metric_value is not null or c.sample_size > 0)
        )$text$,
                case when m.is_one then quote_literal(yardstick_engine.window_name(completeness_text.finest_types[1]))
                    else 'case f.finest when 1 then ''daily'' when 2 then ''weekly'' when 3 then ''monthly'' else ''quarterly'' end' end
            ) as counted_text,
            $text$(
            select array[coalesce(sum(n.parts[1]), 0), coalesce(sum(n.parts[2]), 0), max(n.parts[3])]::bigint[]
            from (
                select case
                    when c.metadata @> '{"is_complete": true}' and not c.metadata ? 'unread_dates' then (
                        select array[
                            k.row_days, round(k.row_days * coalesce((c.metadata ->> 'validity')::float8, 0)),
                            case when k.row_days > 0
                                then date_part('epoch', c.period_start) + 86400 * round(k.days * (c.metadata ->> 'timeliness')::float8) end
                        ]::bigint[]
                        from (
                            select l.days, round(l.days * (c.metadata ->> 'completeness')::float8) as row_days
                            from (select round(date_part('epoch', c.period_end - c.period_start) / 86400) as days) as l
                        ) as k
                    )
                    else (
                        select array[count(*), count(d.metric_value), date_part('epoch', max(d.period_end))::bigint]
                        from yardstick.metric_calculations as d
                        where d.organization_id = f.organization_id and d.metric_id = f.metric_id
                            and d.aggregation_level = f.aggregation_level and d.aggregation_id = f.aggregation_id and d.time_window = 'daily'
                            and d.period_end > c.period_start and d.period_end <= c.period_end
                            and d.period_end >= $6::timestamp at time zone 'UTC' - interval '1 day' and d.period_end <= $8
                            and (d.metric_value is not null or d.sample_size > 0)
                    )
                end as parts
                from yardstick.metric_calculations as c
                where c.organization_id = f.organization_id and c.metric_id = f.metric_id
                    and c.aggregation_level = f.aggregation_level and c.aggregation_id = f.aggregation_id and c.time_window = 'monthly'
                    and c.period_end > f.starts_at and c.period_end <= f.ends_at
                    and c.period_end >= $6::timestamp at time zone 'UTC' - interval '1 day' and c.period_end <= $8
                offset 0
            ) as n
        )$text$ as months_text
    ) as c
    where completeness_text.finest_types && array(select n.finest from generate_series(1, completeness_text.period_type - 1) as n (finest))
    union all
    select '', 'f.ends_at <= $4 as is_complete'
    where not completeness_text.finest_types && array(select n.finest from generate_series(1, completeness_text.period_type - 1) as n (finest))
$completeness_text$;

comment on function yardstick_engine.completeness_text(integer, integer[], uuid[]) is
'Texts of the columns that the quality of the data is judged by, for metrics whose finest windows are the given ones. Where some are finer than this: of a period p, ended: how many periods of each finer type inside it have ended; of a value f, parts: how many of its finest have rows, how many a value, and when the last with rows ended, in seconds (null: the period itself). monthless: the metrics that have days and no months, which are not judged by these; null: none is. Otherwise is_complete: whether the period itself has ended.';
