-- Of the same number for all classes, so that one aggregate serves them all: which class a measure is of, its number tells.
create or replace function yardstick_engine.masked_values(
    source_id       uuid,
    measure_ids     uuid[],
    is_dense        boolean,
    out values_text text,
    out alike_text  text,
    out value_names text[],
    out state_text  text,
    out needs_check boolean
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $masked_values$
    with

    measured as (

        select m.class_no, min(m.number) as first_number
        from yardstick_engine.mask_measures(masked_values.source_id, masked_values.measure_ids) as m
        group by m.class_no

    ),

    classes as materialized (

        select
            v.class_no,
            v.given_text is null as is_uncertain,
            v.value_text || case when v.is_integer and bool_or(not v.is_integer) over () then '::numeric' else '' end as value_text
        from yardstick_engine.value_classes(masked_values.source_id, masked_values.measure_ids) as v

    ),

    chosen as (

        -- What a measure reads of a row: the part of its class.
        select
            p.part,
            case
                when count(*) = 1 then max(k.chosen_text)
                else format(
                    'case %s else %s end', string_agg(format('when u.number > %s then %s', k.first_number - 1, k.chosen_text), ' ' order by k.first_number desc)
                    filter (where k.first_number > 1), max(k.chosen_text) filter (where k.first_number = 1)
                )
            end as chosen_text
        from measured as m
        left join classes as c on c.class_no = m.class_no
        cross join unnest(array['rows', 'value', 'total', 'low', 'high']) as p (part)
        cross join lateral (
            select
                m.first_number,
                case
                    when p.part = 'rows' and c.is_uncertain then case when masked_values.is_dense then 'u.count' else 'u.value' end || m.class_no
                    when p.part = 'rows' then case when masked_values.is_dense then 'u.rows' else '1' end
                    when m.class_no = 0 then case when exists (select from classes) then 'null' else 'null::numeric' end
                    else 'u.' || p.part || m.class_no
                end as chosen_text
        ) as k
        group by p.part

    )

    select
        coalesce((
            select string_agg(
                format(
                    ', %s as value%s',
                    -- A value that may fail is looked at only where a condition holds, as everywhere in SQL.
                    case when c.is_uncertain then format('case when %s = any(met.class_nos) then %s end', c.class_no, c.value_text) else c.value_text end,
                    c.class_no
                ), '' order by c.class_no
            )
            from classes as c
        ), ''),
        ', count(*) as rows' || coalesce((
            select string_agg(
                format(
                    ', count(m.value%1$s) as count%1$s, sum(m.value%1$s) as total%1$s, min(m.value%1$s) as low%1$s, max(m.value%1$s) as high%1$s', c.class_no
                ), '' order by c.class_no
            )
            from classes as c
        ), ''),
        case when masked_values.is_dense then array['rows'] else '{}'::text[] end || array(
            select p.part || c.class_no
            from classes as c
            cross join unnest(case when masked_values.is_dense then array['count', 'total', 'low', 'high'] else array['value'] end) as p (part)
            order by c.class_no, p.part
        ),
        (
            select format(
                '%s as row_count, yardstick_engine.sum_of_few((%s)::numeric) as value_sum, min(%s)::numeric as value_min, max(%s)::numeric as value_max',
                case
                    when masked_values.is_dense then format('sum(%s)::bigint', max(k.chosen_text) filter (where k.part = 'rows'))
                    when exists (select from classes as c where c.is_uncertain) then format('count(%s)', max(k.chosen_text) filter (where k.part = 'rows'))
                    else 'count(*)'
                end,
                max(k.chosen_text) filter (where k.part = case when masked_values.is_dense then 'total' else 'value' end),
                max(k.chosen_text) filter (where k.part = case when masked_values.is_dense then 'low' else 'value' end),
                max(k.chosen_text) filter (where k.part = case when masked_values.is_dense then 'high' else 'value' end)
            )
            from chosen as k
        ),
        exists (select from classes as c where c.is_uncertain)
$masked_values$;

comment on function yardstick_engine.masked_values(uuid, uuid[], boolean) is
'Parts of a masked scan that have to do with values: the columns of matched and of alike; the names of these; the aggregates of a state; whether a measure may meet rows that give it no value.';
