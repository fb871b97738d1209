-- A count of something that is no number becomes a condition, so that what is stored in value is always a number. Different
-- values are told apart by their text, in which equal numbers are written alike.
create or replace function yardstick_engine.compile_measure(
    organization_id uuid,
    source          yardstick.metric_sources,
    measure_key     text,
    common_filter   text,
    path            text,
    measure         jsonb,
    column_names    text[],
    column_types    text[]
)
returns jsonb
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $compile_measure$
declare
    agg           text := measure ->> 'agg';
    value_text    text := measure ->> 'value';
    filters       text[] := array[common_filter];
    filter        text;
    expression    text;
    kind          constant text := case measure ->> 'agg'
        when 'first' then 'ends' when 'last' then 'ends'
        when 'percentile' then case when measure ->> 'accuracy' = 'approximate' then 'digest' else 'list' end
        when 'count_distinct' then case when measure ->> 'accuracy' = 'approximate' then 'registers' else 'distinct' end
        else 'sums'
    end;
    squares       text;
    new_id        uuid;
begin
    if measure ->> 'where' is not null then
        filters := filters || yardstick_engine.probe_expression(
            path || '.where', 'filter', measure ->> 'where', column_names, column_types
        );
    end if;
    if value_text is null and agg <> 'count' then
        if source.value_column is null then
            raise exception using
                errcode = 'YS001', message = format('%s.value: is required for %s: the column or expression whose %s is meant', path, agg, agg);
        end if;
        value_text := quote_ident(source.value_column);
    end if;
    if value_text is not null then
        begin
            expression := yardstick_engine.probe_expression(path || '.value', 'number', value_text, column_names, column_types);
            if agg = 'count_distinct' then
                expression := format('trim_scale(NULLIF(NULLIF(NULLIF((%s)::numeric, ''NaN''), ''Infinity''), ''-Infinity''))::text', expression);
            end if;
        exception when sqlstate 'YS002' then
            if agg not in ('count', 'count_distinct') then
                raise;
            end if;
            expression := yardstick_engine.probe_expression(path || '.value', 'value', value_text, column_names, column_types);
            if agg = 'count_distinct' then
                expression := format('to_jsonb(%s)::text', expression);
            else
                filters := filters || format('(%s) IS NOT NULL', expression);
                expression := null;
            end if;
        end;
    end if;
    -- A mean that is the whole metric has a confidence interval, which is made of its squares; the mean itself does without.
    if agg = 'stddev' or agg = 'avg' and measure @> '{"is_alone": true}' and measure ->> 'over_time' is null then
        squares := format('((%1$s)::numeric * (%1$s)::numeric)', expression);
    end if;
    if agg = 'avg' and octet_length(squares) > 1200 then
        squares := null;
    end if;
    select string_agg(case when p.parts > 1 then format('(%s)', p.condition) else p.condition end, ' AND ' order by p.position)
    into filter
    from (
        select
            f.condition,
            f.position,
            count(*) over () as parts
        from unnest(filters) with ordinality as f (condition, position)
        where f.condition is not null
    ) as p;

    if octet_length(filter) > 1200 or octet_length(coalesce(squares, expression)) > 1200 then
        raise exception using
            errcode = 'YS002',
            message = format(
                '%s: is too long: written out in full the condition has %s bytes and the value %s, at most 1200 are allowed; '
                'make it a column of a view, and that the source', path, coalesce(octet_length(filter), 0), coalesce(octet_length(coalesce(squares, expression)), 0)
            );
    end if;

    new_id := yardstick_engine.keep_measure(
        compile_measure.organization_id, source.id, compile_measure.measure_key, filter, expression, kind
    );
    return jsonb_strip_nulls(jsonb_build_object(
        'measure_id', new_id,
        'squares_id', case when squares is not null then yardstick_engine.keep_measure(
            compile_measure.organization_id, source.id, compile_measure.measure_key, filter, squares, kind
        ) end,
        'agg', agg, 'p', measure -> 'p', 'over_time', measure -> 'over_time',
        'accuracy', case when kind in ('digest', 'registers') then 'approximate' end
    ));
end
$compile_measure$;

comment on function yardstick_engine.compile_measure(uuid, yardstick.metric_sources, text, text, text, jsonb, text[], text[]) is
'Checks one measure of a definition, keeps it, and returns what the engine reads of it: {measure_id, squares_id, agg, p, over_time, accuracy}.';
