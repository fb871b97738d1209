-- Parameters: $1, $2 local dates [first, next) of the period; $3 the days that are read from the source.
create or replace function yardstick_engine.exact_statement(
    source_id       uuid,
    compiled        jsonb,
    organization_id uuid,
    scope_level     text,
    scope_id        uuid,
    timezone        text,
    unread_dates    date[]
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $exact_statement$
    with

    bodies as (

        select yardstick_engine.trial_bodies(exact_statement.compiled) as measures

    ),

    measures as (

        select
            string_agg(
                yardstick_engine.exact_days(e.body, e.number, m.state_kind, cardinality(exact_statement.unread_dates) > 0),
                E'\nunion all\n' order by e.number
            ) as days_text,
            string_agg(
                yardstick_engine.exact_begun(e.body, e.number, cardinality(exact_statement.unread_dates) > 0), E'\nunion all\n' order by e.number
            ) as begun_text,
            string_agg(format(
                '%s as %I', yardstick_engine.exact_measure(e.body, e.number, exact_statement.compiled ->> 'fill' = 'zero'), e.name
            ), ', ' order by e.number) as values_text
        from bodies
        cross join lateral (
            select b.key as name, b.value as body, row_number() over (order by b.key) as number
            from jsonb_each(bodies.measures) as b
        ) as e
        inner join yardstick.metric_measures as m on m.id = (e.body ->> 'measure_id')::uuid

    )

    select format(
        $text$with
%1$smember as materialized (
    select s.series_id, s.organization_id, s.measure_id, s.aggregation_level, s.aggregation_id
    from yardstick.metric_series as s
    where s.organization_id = %2$L::uuid and s.measure_id = any(%3$L::uuid[]) and %4$s
),
day_state (measure_no, local_day, row_count, value_sum, value_min, value_max, square_sum, first_pair, last_pair, value_list, key_list) as materialized (
%5$s
),
begun (measure_no, has_begun) as (
%6$s
)
select
    (%7$s)::numeric as value,
    (select max(g.row_count) from (select sum(d.row_count) as row_count from day_state as d group by d.measure_no) as g)::bigint as sample_size,
    (select bool_or(b.has_begun) from begun as b) as has_begun
from (select %8$s) as measures$text$,
        case when cardinality(exact_statement.unread_dates) = 0 then '' else yardstick_engine.exact_rows(
            exact_statement.source_id, bodies.measures, exact_statement.organization_id, exact_statement.scope_level, exact_statement.scope_id,
            exact_statement.timezone, exact_statement.unread_dates
        ) end,
        exact_statement.organization_id,
        array(
            select i.id
            from jsonb_each(bodies.measures) as b
            cross join lateral (values (b.value ->> 'measure_id'), (b.value ->> 'squares_id')) as i (id)
            where i.id is not null
        ),
        case exact_statement.scope_level
            when 'org' then 's.aggregation_level in (''own'', ''none'')'
            when 'dept' then format(
                's.aggregation_level = ''own'' and s.aggregation_id in (select a.department_id'
                ' from yardstick_engine.department_ancestors(array[%L::uuid]) as a where a.ancestor_id = %L::uuid)',
                exact_statement.organization_id, exact_statement.scope_id
            )
            else format('s.aggregation_level = %L and s.aggregation_id = %L::uuid', exact_statement.scope_level, exact_statement.scope_id)
        end,
        measures.days_text, -- 5
        measures.begun_text,
        exact_statement.compiled ->> 'formula',
        measures.values_text
    )
    from bodies
    cross join measures
$exact_statement$;

comment on function yardstick_engine.exact_statement(uuid, jsonb, uuid, text, uuid, text, date[]) is
'Text of the statement that values measures for one scope and period now: from the states of days that are as they were written, and for unread_dates from the rows of the source.';
