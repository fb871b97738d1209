-- A percentage is a share of counted rows when it is 100 times the rows that meet a condition over all rows of the metric, or all but
-- those. Of any other formula nobody knows how its value scatters. The formula is read as PostgreSQL writes it out.
create or replace function yardstick_engine.interval_of(metric_type text, data_sources jsonb, compiled jsonb)
returns table (interval_kind text, part_name text, whole_name text, is_rest boolean)
-- Asked for each metric of each statement: only here is its plan kept.
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $interval_of$
#variable_conflict use_column
begin
    -- Most metrics have none, which is told without a query.
    if interval_of.compiled @> '{"simple": true}' then
        if not jsonb_path_exists(interval_of.compiled, '$.measures.*.agg ? (@ == "count" || @ == "avg")') then
            return;
        end if;
    elsif interval_of.metric_type is distinct from 'percentage' then
        return;
    end if;

    return query
    select case when m.body ->> 'agg' = 'count' then 'count' else 'mean' end, null, null, false
    from jsonb_each(interval_of.compiled -> 'measures') as m (measure_name, body)
    where interval_of.compiled @> '{"simple": true}' and not m.body ? 'over_time'
        and (m.body ->> 'agg' = 'count' or m.body ->> 'agg' = 'avg' and m.body ? 'squares_id')
    union all
    select 'share', p.key, w.key, k.is_rest
    from jsonb_each(interval_of.compiled -> 'measures') as p
    inner join jsonb_each(interval_of.compiled -> 'measures') as w on w.key <> p.key
    cross join lateral (
        values (format('measures.%I', p.key), false), (format('(measures.%I - measures.%I)', w.key, p.key), true)
    ) as k (part_text, is_rest)
    cross join lateral (
        select regexp_replace(
            replace(replace(interval_of.compiled ->> 'formula', 'OPERATOR(yardstick_engine./)', '/'), '(100)::numeric', '100'), '\m100\.0+\M', '100'
        ) as formula
    ) as f
    where interval_of.metric_type = 'percentage' and not interval_of.compiled @> '{"simple": true}'
        and p.value @> '{"agg": "count"}' and not p.value ? 'over_time' and w.value @> '{"agg": "count"}' and not w.value ? 'over_time'
        and not (interval_of.data_sources #> array['measures', w.key]) ?| array['where', 'value']
        and f.formula in (
            format('((100 * %s) / measures.%I)', k.part_text, w.key), format('((%s * 100) / measures.%I)', k.part_text, w.key),
            format('(100 * (%s / measures.%I))', k.part_text, w.key), format('((%s / measures.%I) * 100)', k.part_text, w.key)
        );
end
$interval_of$;

comment on function yardstick_engine.interval_of(text, jsonb, jsonb) is
'What the confidence interval of a metric is made by: mean, count, or share of part_name (is_rest: of the rows that are not of it) in whole_name. No row: its values have none.';
