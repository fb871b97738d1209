-- A list is no combination of its own beside sums: it keeps the values that are added up. A column of integers adds up faster as it is,
-- and so do its squares; reading it can neither fail nor give NaN.
create or replace function yardstick_engine.scan_combinations(
    source_id   uuid,
    measure_ids uuid[],
    by_key      boolean
)
returns table (
    number integer, filter text, expression text, state_kind text, measure_ids uuid[], organization_ids uuid[],
    is_kept boolean, kept_keys text[], kept_organization_ids uuid[],
    integer_text text, is_bigint boolean, is_numeric boolean, units text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $scan_combinations$
    with

    asked as (

        select
            m.id,
            m.filter,
            m.expression,
            m.measure_key,
            m.organization_id,
            m.state_kind = 'list' and bool_or(m.state_kind = 'sums') over () as is_kept,
            case when m.state_kind = 'list' and bool_or(m.state_kind = 'sums') over () then 'sums' else m.state_kind end as state_kind
        from yardstick.metric_measures as m
        where m.id = any(scan_combinations.measure_ids)

    ),

    combined as (

        select
            a.filter,
            a.expression,
            a.state_kind,
            array_agg(a.id order by a.id) as measure_ids,
            case when count(*) = count(a.organization_id) then array_agg(distinct a.organization_id) end as organization_ids,
            bool_or(a.is_kept) as is_kept,
            array_agg(distinct a.measure_key) filter (where a.is_kept) as kept_keys,
            case
                when count(*) filter (where a.is_kept) = count(a.organization_id) filter (where a.is_kept)
                    then array_agg(distinct a.organization_id) filter (where a.is_kept)
            end as kept_organization_ids
        from asked as a
        group by a.filter, a.expression, a.state_kind

    ),

    known as (

        select
            e.expression,
            e.integer_text,
            e.is_column and c.type_name = 'bigint' as is_bigint,
            e.is_column and c.type_name = 'numeric' and c.read_expression = quote_ident(c.column_name) as is_numeric,
            case when e.is_column and c.read_expression = quote_ident(c.column_name) then c.column_name end as column_name
        from yardstick_engine.source_columns(scan_combinations.source_id) as c
        cross join lateral (values (quote_ident(c.column_name)), ('source.' || quote_ident(c.column_name))) as n (column_text)
        cross join lateral (
            values
            (true, n.column_text, case when c.type_name in ('smallint', 'integer', 'bigint') then n.column_text end),
            (
                false, format('((%1$s)::numeric * (%1$s)::numeric)', n.column_text),
                case when c.type_name in ('smallint', 'integer') then format('(%1$s::bigint * %1$s)', n.column_text) end
            )
        ) as e (is_column, expression, integer_text)

    )

    select
        row_number() over (order by c.filter nulls first, c.expression nulls first, c.state_kind)::integer,
        c.filter,
        c.expression,
        c.state_kind,
        c.measure_ids,
        c.organization_ids,
        c.is_kept,
        c.kept_keys,
        c.kept_organization_ids,
        case when c.state_kind = 'sums' then k.integer_text end,
        coalesce(k.is_bigint, false),
        coalesce(k.is_numeric, false),
        case
            when c.state_kind = 'sums' and scan_combinations.by_key and k.column_name is not null then (
                select '1' || repeat('0', yardstick_engine.scale_of(s.relation, k.column_name))
                from yardstick.metric_sources as s
                where s.id = scan_combinations.source_id
            )
        end
    from combined as c
    left join known as k on k.expression = c.expression
$scan_combinations$;

comment on function yardstick_engine.scan_combinations(uuid, uuid[], boolean) is
'Each distinct filter and expression, and kind of state, that the given measures ask of their source, numbered from 1: its measures, and their organizations where all are some organization''s. is_kept: its values are kept besides, for rows of kept_keys (null: without a key) and, when not null, of kept_organization_ids. integer_text: reads it as an integer, is_bigint: of a bigint column; is_numeric: it is a numeric column; units: what its values are multiplied by to be whole numbers. by_key: cells are kept apart by the key of the source.';
