-- Reading a column of these types and comparing it with a constant cannot fail, so it may be done on rows on which nobody asked for it.
-- What is written any other way (calculations, casts of text, patterns) is not taken for plain.
create or replace function yardstick_engine.plain_comparison(
    conjunct        text,
    plain_columns   text[],
    integer_columns text[]
)
returns table (column_text text, kind text, constant_text text)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $plain_comparison$
    with

    words as (

        select
            c.column_re,
            format($re$(?:%1$s|\(%1$s\)::(?:text|numeric|bigint))$re$, c.column_re) as operand_re,
            $re$(?:E?'(?:[^']|'')*'::(?:text|uuid|date|boolean|smallint|integer|bigint|numeric|timestamp with(?:out)? time zone)$re$
            || $re$|\d+(?:\.\d+)?|\((?:\d+|'-\d+'::integer)\)::(?:numeric|bigint)|true|false)$re$ as constant_re
        from (select $re$source\.(?:[a-z_][a-z0-9_$]*|"(?:[^"]|"")+")$re$ as column_re) as c

    ),

    read as (

        select
            k.kind,
            k.found[1] as operand,
            k.found[2] as constant_text,
            case k.kind when 'columns' then array[k.found[1], k.found[2]] else array[k.found[1]] end as operands
        from words as w
        cross join lateral (
            values
            (1, 'equal', regexp_match(plain_comparison.conjunct, format('^(%s) (?:=|<>) (%s)$', w.operand_re, w.constant_re))),
            (2, 'order', regexp_match(plain_comparison.conjunct, format('^(%s) (?:<|<=|>|>=) (%s)$', w.operand_re, w.constant_re))),
            (3, 'list', regexp_match(
                plain_comparison.conjunct, format($re$^(%s) (?:= ANY|<> ALL) (\(ARRAY\[%2$s(?:, %2$s)*\]\))$$re$, w.operand_re, w.constant_re)
            )),
            (4, 'test', regexp_match(plain_comparison.conjunct, format('^(%s)(?: IS (?:NOT )?(NULL|TRUE|FALSE|UNKNOWN))?$', w.operand_re))),
            (5, 'test', regexp_match(plain_comparison.conjunct, format('^NOT (%s)()$', w.column_re))),
            (6, 'columns', regexp_match(plain_comparison.conjunct, format('^(%1$s) (?:=|<>|<|<=|>|>=) (%1$s)$', w.operand_re)))
        ) as k (place, kind, found)
        where k.found is not null
        order by k.place
        limit 1

    )

    select
        substring(read.operand from w.column_re),
        read.kind,
        read.constant_text
    from read
    cross join words as w
    where (
        select bool_and(
            o.column_text = any(plain_comparison.plain_columns)
            and (o.operand !~ '::(numeric|bigint)$' or o.column_text = any(plain_comparison.integer_columns))
        )
        from (select u.operand, substring(u.operand from w.column_re) as column_text from unnest(read.operands) as u (operand)) as o
    )
$plain_comparison$;

comment on function yardstick_engine.plain_comparison(text, text[], text[]) is
'What a condition compares, if that cannot fail on any row: a column, how (equal, order, list, test, columns) and with what. No row otherwise. plain_columns: columns that can be compared, as the server writes them; integer_columns: those of them that are integers.';
