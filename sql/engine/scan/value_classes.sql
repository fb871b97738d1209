create or replace function yardstick_engine.value_classes(source_id uuid, measure_ids uuid[])
returns table (class_no integer, expression text, value_text text, given_text text, is_integer boolean, column_names text[])
language sql
stable
set search_path = pg_catalog, pg_temp
as $value_classes$
    with

    offered as materialized (

        select c.column_name, c.type_name, c.read_expression, u.column_text
        from yardstick_engine.source_columns(value_classes.source_id) as c
        cross join lateral (values (quote_ident(c.column_name)), ('source.' || quote_ident(c.column_name))) as u (column_text)

    ),

    expressions as (

        select distinct m.expression
        from yardstick.metric_measures as m
        where m.id = any(value_classes.measure_ids) and m.expression is not null

    ),

    -- A column, or the square of one, can be read on any row, and is a number wherever it is not null; NaN and infinities are none,
    -- and NaN is above infinity. Integers add up faster as they are.
    columns as (

        select distinct on (e.expression)
            e.expression,
            k.value_text,
            k.given_text,
            o.type_name <> 'numeric' as is_integer
        from expressions as e
        cross join offered as o
        cross join lateral (
            values
            (o.column_text, o.column_text, format('%s is not null', o.column_text), o.type_name in ('smallint', 'integer', 'bigint')),
            (
                format('((%1$s)::numeric * (%1$s)::numeric)', o.column_text), format('(%1$s::bigint * %1$s)', o.column_text),
                format('%s is not null', o.column_text), o.type_name in ('smallint', 'integer')
            ),
            (
                o.column_text, o.column_text, format('%1$s < ''Infinity'' and %1$s > ''-Infinity''', o.column_text),
                o.type_name = 'numeric' and o.read_expression = quote_ident(o.column_name)
            )
        ) as k (expression, value_text, given_text, is_meant)
        where k.is_meant and k.expression = e.expression
        order by e.expression

    )

    select
        (row_number() over (order by e.expression))::integer,
        e.expression,
        coalesce(
            c.value_text,
            format('case when (%1$s)::numeric not in (''NaN'', ''Infinity'', ''-Infinity'') then (%1$s)::numeric end', e.expression)
        ),
        c.given_text,
        coalesce(c.is_integer, false),
        array(select distinct o.column_name from offered as o where strpos(e.expression, quote_ident(o.column_name)) > 0)
    from expressions as e
    left join columns as c on c.expression = e.expression
$value_classes$;

comment on function yardstick_engine.value_classes(uuid, uuid[]) is
'The different expressions whose values the given measures add up, numbered from 1: how each is evaluated; where it gives a number (null: only evaluating it tells, which may fail); whether it is an integer; the columns that it may read.';
