-- Kinds of nodes are allowed, not forbidden: what a later server adds is refused until somebody has looked at it. What is no
-- expression (queries, relations, columns of the result) must occur exactly as often as in the frame, a view over the same
-- columns with an expression we wrote; so no relation, no sub-select, no second column.
-- The frame is also the self-test: a server whose parse trees we do not understand does not show the functions we put there.
create or replace function yardstick_engine.refuse_parse_tree(
    frame_tree     text,
    probe_tree     text,
    probe_relation oid
)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $refuse_parse_tree$
declare
    expression_nodes constant text[] := array[
        'VAR', 'CONST', 'FUNCEXPR', 'OPEXPR', 'DISTINCTEXPR', 'NULLIFEXPR', 'SCALARARRAYOPEXPR', 'BOOLEXPR', 'RELABELTYPE',
        'COERCEVIAIO', 'CASEEXPR', 'CASEWHEN', 'CASETESTEXPR', 'ARRAYEXPR', 'COALESCEEXPR', 'MINMAXEXPR', 'NULLTEST',
        'BOOLEANTEST'
    ];
    function_field   constant text := ':(?:funcid|opfuncid|aggfnoid|winfnoid|elemfuncid|hashfuncid|negfuncid) (\d+)';
    frame_functions  oid[];
    nodes            jsonb;
    refused          text;
begin
    select array_agg(m.found[1]::oid order by m.position) into frame_functions
    from regexp_matches(refuse_parse_tree.frame_tree, function_field, 'g') with ordinality as m (found, position);
    if frame_functions is distinct from array[
        to_regprocedure('pg_catalog.texteq(text,text)')::oid, to_regprocedure('pg_catalog.lower(text)')::oid,
        to_regprocedure('pg_catalog.numeric_gt(numeric,numeric)')::oid,
        to_regprocedure('yardstick_engine.divide(numeric,numeric)')::oid
    ] then
        return 'cannot be checked: this server writes parse trees in a way that is not understood here';
    end if;

    select jsonb_agg(jsonb_build_array(n.node_number, n.parent_number, n.node_name, n.own_text)) into nodes
    from yardstick_engine.expression_nodes(refuse_parse_tree.probe_tree) as n;

    -- What the expression is made of.
    select counted.node_name into refused
    from (
        select
            n.node_name,
            sum(n.weight) as difference
        from (
            select p.node ->> 2 as node_name, 1 as weight from jsonb_array_elements(nodes) as p (node)
            union all
            select f.node_name, -1 from yardstick_engine.expression_nodes(refuse_parse_tree.frame_tree) as f
        ) as n
        where n.node_name <> all (expression_nodes)
        group by n.node_name
    ) as counted
    where counted.difference <> 0
    order by counted.node_name in ('SQLVALUEFUNCTION', 'SUBLINK', 'AGGREF', 'WINDOWFUNC') desc, counted.node_name
    limit 1;
    if refused is not null then
        return case refused
            when 'SUBLINK' then 'may not contain a sub-select; only the columns of the source can be used'
            when 'AGGREF' then 'may not contain an aggregate; agg says how values are put together'
            when 'WINDOWFUNC' then 'may not contain a window function'
            when 'SQLVALUEFUNCTION' then
                'may not use the clock or the session (current_date, current_user ...): a stored value would be wrong a moment later'
            else format('has to be one plain expression over the columns of the source (found %s)', lower(refused))
        end;
    end if;

    if exists (
        select 1
        from regexp_matches(refuse_parse_tree.probe_tree, ':relid (\d+)', 'g') as m (found)
        where m.found[1]::oid not in (0, refuse_parse_tree.probe_relation)
    ) then
        return 'may not read a table; only the columns of the source can be used';
    end if;

    return yardstick_engine.refuse_calls(
        refuse_parse_tree.probe_tree, nodes,
        yardstick_engine.allowed_functions() || 'yardstick_engine.divide(numeric,numeric)'::text
    );
end
$refuse_parse_tree$;

comment on function yardstick_engine.refuse_parse_tree(text, text, oid) is
'Why the expression of a probe view is refused, given a frame view over the same columns; null when it is allowed.';

grant execute on function yardstick_engine.refuse_parse_tree(text, text, oid) to yardstick_formula;
