-- The finest periods inside this one that have ended are counted where they are stored; how many there could be is the same for all values
-- of a period. Constant bounds tell the planner which partitions it can leave out.
create or replace function yardstick_engine.completeness_text(period_type integer, finest_types integer[])
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
        format(
            $text$f.ended,
        %1$s(
            select array[count(*), count(c.metric_value), date_part('epoch', max(c.period_end))::bigint]
            from yardstick.metric_calculations as c
            where c.organization_id = f.organization_id and c.metric_id = f.metric_id
                and c.aggregation_level = f.aggregation_level and c.aggregation_id = f.aggregation_id and c.time_window = %2$s
                and c.period_end > f.starts_at and c.period_end <= least(f.ends_at, $4)
                and c.period_end >= $6::timestamp at time zone 'UTC' - interval '1 day' and c.period_end <= $8
                and (c.metric_value is not null or c.sample_size > 0)
        )%3$s as parts$text$,
            case when completeness_text.period_type = any(completeness_text.finest_types) then format(
                'case when f.finest = %s then array[case when f.metric_value is not null or f.sample_size > 0 then 1 else 0 end,'
                ' num_nonnulls(f.metric_value), null]::bigint[] else ', completeness_text.period_type
            ) else '' end,
            case when cardinality(completeness_text.finest_types) = 1 then quote_literal(yardstick_engine.window_name(completeness_text.finest_types[1]))
                else 'case f.finest when 1 then ''daily'' when 2 then ''weekly'' when 3 then ''monthly'' else ''quarterly'' end' end,
            case when completeness_text.period_type = any(completeness_text.finest_types) then ' end' else '' end
        )
    where completeness_text.finest_types && array(select n.finest from generate_series(1, completeness_text.period_type - 1) as n (finest))
    union all
    select '', 'f.ends_at <= $4 as is_complete'
    where not completeness_text.finest_types && array(select n.finest from generate_series(1, completeness_text.period_type - 1) as n (finest))
$completeness_text$;

comment on function yardstick_engine.completeness_text(integer, integer[]) is
'Texts of the columns that the quality of the data is judged by, for metrics whose finest windows are the given ones. Where some are finer than this: of a period p, ended: how many periods of each finer type inside it have ended; of a value f, parts: how many of its finest have rows, how many a value, and when the last with rows ended, in seconds (null: the period itself). Otherwise is_complete: whether the period itself has ended.';
