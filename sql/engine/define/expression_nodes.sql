-- The server writes a parsed view as nested {NAME :field value ...}. Whatever a user can put into it (names, labels) is
-- escaped with backslashes; those go first, so a brace that is left is always the server's own.
create or replace function yardstick_engine.expression_nodes(node_text text)
returns table (node_number bigint, parent_number bigint, node_name text, own_text text)
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $expression_nodes$
    with

    tokens as (

        select
            t.position,
            t.piece[1] as piece
        from regexp_matches(
            regexp_replace(expression_nodes.node_text, '\\.', '_', 'g'), '[{}]|[^{}]+', 'g'
        ) with ordinality as t (piece, position)

    ),

    nested as (

        select
            tokens.position,
            tokens.piece,
            sum(case tokens.piece when '{' then 1 when '}' then -1 else 0 end) over (order by tokens.position) as depth
        from tokens

    ),

    -- A piece at some depth belongs to the node that opened last at that depth.
    owned as (

        select
            nested.position,
            nested.piece,
            max(nested.position) filter (where nested.piece = '{')
                over (partition by nested.depth order by nested.position) as node_number
        from nested

    ),

    linked as (

        select
            owned.position,
            owned.piece,
            owned.node_number,
            lag(owned.node_number) over (order by owned.position) as previous_number
        from owned

    )

    select
        linked.node_number,
        min(linked.previous_number) filter (where linked.piece = '{'),
        substring(string_agg(linked.piece, '' order by linked.position) filter (where linked.piece not in ('{', '}')) from '^\w+'),
        string_agg(linked.piece, '' order by linked.position) filter (where linked.piece not in ('{', '}'))
    from linked
    where linked.node_number is not null
    group by linked.node_number
$expression_nodes$;

comment on function yardstick_engine.expression_nodes(text) is
'Nodes of a parse tree as the server writes it: number, number of the node around it, name, and its own fields.';

grant execute on function yardstick_engine.expression_nodes(text) to yardstick_formula;
