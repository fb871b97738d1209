-- A value equals one constant at most: what else it equals or does not, follows, and the rest of the comparisons need not be made. The
-- server writes a constant of these types in one way only, so two that read differently are different.
create or replace function yardstick_engine.mask_text(bit_texts text[], constant_texts text[], bits bigint[])
returns text
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $mask_text$
    with

    given as (

        select
            u.bit_text,
            u.constant_text,
            u.bit,
            case
                when u.constant_text !~ $re$^(E?'([^']|'')*'::(text|uuid)|\d+)$$re$ then null
                when right(u.bit_text, length(u.constant_text) + 3) = ' = ' || u.constant_text then ' = '
                when right(u.bit_text, length(u.constant_text) + 4) = ' <> ' || u.constant_text then ' <> '
            end as operator
        from unnest(mask_text.bit_texts, mask_text.constant_texts, mask_text.bits) as u (bit_text, constant_text, bit)

    ),

    read as (

        select g.*, left(g.bit_text, -length(g.operator || g.constant_text)) as operand_text
        from given as g

    ),

    constants as (

        select
            r.operand_text,
            r.constant_text,
            min(r.bit) as first_bit,
            count(*) as comparisons,
            coalesce(bit_or(r.bit) filter (where r.operator = ' = '), 0) as equal_bits,
            coalesce(bit_or(r.bit) filter (where r.operator = ' <> '), 0) as unlike_bits
        from read as r
        where r.operand_text is not null
        group by r.operand_text, r.constant_text

    ),

    operands as (

        select c.operand_text, bit_or(c.unlike_bits) as unlike_bits
        from constants as c
        group by c.operand_text
        having sum(c.comparisons) > 1

    ),

    parts as (

        select r.bit as first_bit, format('case when %s then %s::bigint else 0::bigint end', r.bit_text, r.bit) as part_text
        from read as r
        where not exists (select from operands as o where o.operand_text = r.operand_text)
        union all
        select
            min(c.first_bit),
            'case' || string_agg(
                format(' when %s = %s then %s::bigint', c.operand_text, c.constant_text, c.equal_bits | (o.unlike_bits & ~c.unlike_bits)),
                '' order by c.first_bit
            ) || format(case when o.unlike_bits > 0 then ' when %s is not null then %s::bigint' else '' end, o.operand_text, o.unlike_bits)
            || ' else 0::bigint end'
        from operands as o
        inner join constants as c on c.operand_text = o.operand_text
        group by o.operand_text, o.unlike_bits

    )

    select string_agg(p.part_text, ' | ' order by p.first_bit)
    from parts as p
$mask_text$;

comment on function yardstick_engine.mask_text(text[], text[], bigint[]) is
'Text of the mask of a row: of these conditions, the bits of those that hold. constant_texts: what a condition compares a column with for equality, null for others; of texts, only where no two different ones are equal.';
