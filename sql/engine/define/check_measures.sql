create or replace function yardstick_engine.check_measures(sources jsonb)
returns setof text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $check_measures$
declare
    measure   record;
    problems  text[];
    problem   text;
begin
    problems := array(select yardstick_engine.key_problems(sources, '{
        "source": {"type": "text", "required": true, "max": 63},
        "key": {"type": "text", "max": 100},
        "where": {"type": "text"},
        "measures": {"type": "object", "required": true},
        "fill": {"type": "text", "one_of": ["zero", "carry_forward"]}
    }', 'data_sources'));
    return query select unnest(problems);
    if jsonb_typeof(sources -> 'key') = 'string' and octet_length(sources ->> 'key') between 201 and 400 then
        return next 'data_sources.key: must not be longer than 200 bytes';
    end if;
    if jsonb_typeof(sources -> 'measures') is distinct from 'object' then
        return;
    end if;
    if sources -> 'measures' = '{}' then
        return next 'data_sources.measures: must name at least one measure, such as {closed: {agg: count}}';
    end if;
    if (select count(*) > 100 from jsonb_object_keys(sources -> 'measures')) then
        return next 'data_sources.measures: must not name more than 100 measures; make several metrics of them, and one of those';
        return;
    end if;
    for measure in
        select m.key, m.value, 'data_sources.measures.' || left(m.key, 100) as path
        from jsonb_each(sources -> 'measures') as m
        order by m.key
    loop
        problem := yardstick_engine.value_problem(to_jsonb(measure.key), '{"type": "name"}');
        if problem is not null then
            return next measure.path || ': ' || problem;
            continue;
        end if;
        problems := array(select yardstick_engine.key_problems(measure.value, '{
            "agg": {"type": "text", "required": true, "one_of": ["count", "sum", "avg", "min", "max", "stddev", "count_distinct",
                "percentile", "first", "last"]},
            "value": {"type": "text"},
            "where": {"type": "text"},
            "unit": {"type": "text", "max": 50},
            "p": {"type": "number"},
            "over_time": {"type": "text", "one_of": ["last", "first", "avg", "min", "max"]},
            "accuracy": {"type": "text", "one_of": ["exact", "approximate"]}
        }', measure.path));
        if cardinality(problems) > 0 then
            return query select unnest(problems);
            continue;
        end if;
        problem := case
            when measure.value ->> 'agg' in ('count', 'count_distinct') and measure.value ->> 'unit' is not null
                then 'unit: what is counted has the unit count; leave it out'
            when measure.value ->> 'agg' = 'percentile' and measure.value ->> 'p' is null
                then 'p: is required for percentile: 95 for the value that 95 % do not exceed, 50 for the median'
            when measure.value ->> 'agg' <> 'percentile' and measure.value ->> 'p' is not null then 'p: is only for agg percentile'
            when (measure.value ->> 'p')::numeric > 0 and (measure.value ->> 'p')::numeric < 1
                then format('p: is in percent; write %s', trim_scale((measure.value ->> 'p')::numeric * 100))
            when (measure.value ->> 'p')::numeric not between 1 and 99.9999
                then 'p: must lie from 1 to below 100; agg min and max give the ends'
            when measure.value ->> 'over_time' is not null and measure.value ->> 'agg' not in ('count', 'sum', 'avg', 'min', 'max')
                then format('over_time: is only for count, sum, avg, min and max; %s takes all rows of a period as they are', measure.value ->> 'agg')
            when measure.value ->> 'accuracy' is not null and measure.value ->> 'agg' not in ('percentile', 'count_distinct')
                then format('accuracy: is only for percentile and count_distinct; %s is exact however many rows there are', measure.value ->> 'agg')
            when measure.value ->> 'accuracy' = 'approximate' and sources ->> 'fill' = 'carry_forward'
                then 'accuracy: with fill carry_forward only exact, for a value that is carried forward does not say that it was estimated'
            when sources ->> 'fill' = 'zero' and (measure.value ->> 'agg' not in ('count', 'sum') or measure.value ->> 'over_time' is not null)
                then 'agg: with fill zero only count and sum without over_time, for nothing else is zero where there are no rows; use carry_forward'
        end;
        if problem is not null then
            return next measure.path || '.' || problem;
        end if;
    end loop;
end
$check_measures$;

comment on function yardstick_engine.check_measures(jsonb) is
'What is wrong with data_sources over a source, each with the path of the key: its keys, its measures, and combinations that make no sense.';
