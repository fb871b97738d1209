-- A comparison that cannot fail is made once for all conditions it is part of. One that may fail is looked at only where the others of
-- its condition hold, so that "where kind = 'n' and text_value::numeric > 5" reads no text that is no number. What one organization
-- wrote is looked at on its own rows only: an error on another's row would tell what stands there.
create or replace function yardstick_engine.mask_bits(source_id uuid, measure_ids uuid[])
returns table (measure_id uuid, bit_no integer, bit_text text, column_text text, kind text, constant_text text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $mask_bits$
    with

    plain as (

        select
            array_agg('source.' || quote_ident(c.column_name)) as column_texts,
            array_agg('source.' || quote_ident(c.column_name)) filter (where c.type_name in ('smallint', 'integer', 'bigint')) as integer_texts
        from yardstick_engine.source_columns(mask_bits.source_id) as c
        where c.type_name in (
            'boolean', 'smallint', 'integer', 'bigint', 'numeric', 'text', 'date', 'uuid', 'timestamp without time zone', 'timestamp with time zone'
        )

    ),

    measure as materialized (

        select
            m.id,
            m.filter,
            m.expression,
            case when m.organization_id is not null and s.organization_column is not null then (
                select format('lower(source."$organization"::text) = any (%L::text[])', array_agg(lower(k.organization_key) order by k.organization_key))
                from yardstick.organizations as o
                cross join lateral (values (o.id::text), (o.external_id)) as k (organization_key)
                where o.id = m.organization_id and k.organization_key is not null
            ) end as guard_text
        from yardstick.metric_measures as m
        inner join yardstick.metric_sources as s on s.id = m.source_id
        where m.id = any(mask_bits.measure_ids)

    ),

    part as materialized (

        select f.filter, u.conjunct, u.position
        from (select distinct measure.filter from measure where measure.filter is not null) as f
        cross join lateral unnest(yardstick_engine.filter_conjuncts(f.filter)) with ordinality as u (conjunct, position)

    ),

    compared as materialized (

        select d.conjunct, p.column_text, p.kind, p.constant_text
        from (select distinct part.conjunct from part) as d
        cross join plain
        cross join lateral yardstick_engine.plain_comparison(d.conjunct, plain.column_texts, plain.integer_texts) as p

    ),

    conjunct as materialized (

        select part.filter, part.conjunct, part.position, c.column_text, c.kind, c.constant_text
        from part
        left join compared as c on c.conjunct = part.conjunct

    ),

    bit as (

        select m.id, m.guard_text as bit_text, '$organization' as column_text, 'equal' as kind, m.guard_text as constant_text
        from measure as m
        where m.guard_text is not null
        union
        select m.id, c.conjunct, c.column_text, c.kind, c.constant_text
        from measure as m
        inner join conjunct as c on c.filter = m.filter
        where c.kind is not null
        union
        select
            m.id,
            case
                when m.guard_text is null and bool_and(c.kind is null) then string_agg(format('(%s)', c.conjunct), ' and ' order by c.position)
                else format(
                    'case when %s then %s end',
                    concat_ws(' and ', m.guard_text, string_agg(format('(%s)', c.conjunct), ' and ' order by c.position) filter (where c.kind is not null)),
                    string_agg(format('(%s)', c.conjunct), ' and ' order by c.position) filter (where c.kind is null)
                )
            end,
            null, null, null
        from measure as m
        inner join conjunct as c on c.filter = m.filter
        group by m.id, m.guard_text
        having bool_or(c.kind is null)
        union
        -- A row counts for a sum where there is something to add.
        select m.id, v.given_text, null, 'value', null
        from measure as m
        inner join yardstick_engine.value_classes(mask_bits.source_id, mask_bits.measure_ids) as v on v.expression = m.expression
        where v.given_text is not null

    )

    select
        bit.id,
        (dense_rank() over (order by bit.bit_text))::integer - 1,
        bit.bit_text,
        bit.column_text,
        bit.kind,
        bit.constant_text
    from bit
$mask_bits$;

comment on function yardstick_engine.mask_bits(uuid, uuid[]) is
'Of which conditions, numbered from 0 without repetition, each of the given measures needs all; a measure of every row has none. column_text, kind, constant_text: what one compares that cannot fail; kind value: whether there is something to add up; null: it may fail.';
