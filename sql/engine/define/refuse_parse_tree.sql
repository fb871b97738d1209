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
    type_field       constant text :=
        ':(?:consttype|vartype|funcresulttype|opresulttype|resulttype|casetype|typeId|coalescetype|minmaxtype|paramtype|array_typeid|element_typeid) (\d+)';
    cast_type        constant text :=
        ':(?:consttype|vartype|funcresulttype|opresulttype|resulttype|casetype|typeId|coalescetype|minmaxtype|array_typeid) (\d+)';
    allowed          oid[];
    frame_functions  oid[];
    nodes            jsonb;
    refused          text;
begin
    select array_agg(to_regprocedure('pg_catalog.' || f.signature)::oid) into allowed
    from unnest(yardstick_engine.allowed_functions()) as f (signature)
    where to_regprocedure('pg_catalog.' || f.signature) is not null;
    allowed := allowed || to_regprocedure('yardstick_engine.divide(numeric,numeric)')::oid;

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

    -- Which functions it calls; an operator counts as the function behind it. Operators that others made are refused even so:
    -- the text would find another function once they make another operator of that name.
    select used.function_id::regprocedure::text into refused
    from (
        select m.found[1]::oid as function_id
        from regexp_matches(refuse_parse_tree.probe_tree, function_field, 'g') as m (found)
        union all
        select o.oprcode::oid
        from regexp_matches(refuse_parse_tree.probe_tree, ':opno (\d+)', 'g') as m (found)
        left join pg_operator as o
            on m.found[1]::oid = o.oid
            and (
                o.oprnamespace = 'pg_catalog'::regnamespace
                or o.oid = to_regoperator('yardstick_engine./(numeric,numeric)')
            )
    ) as used
    where used.function_id is null or (used.function_id <> 0 and used.function_id <> all (allowed))
    order by used.function_id
    limit 1;
    if found then
        return yardstick_engine.function_refusal(refused);
    end if;

    select format_type(m.found[1]::oid, null) into refused
    from regexp_matches(refuse_parse_tree.probe_tree, type_field, 'g') as m (found)
    where m.found[1]::oid <> 0 and format_type(m.found[1]::oid, null) <> all (yardstick_engine.allowed_types())
    limit 1;
    if refused is not null then
        return format('may not use the type %s', refused);
    end if;

    -- Casts through text say nothing of functions: both ends have to be types whose text does not depend on settings.
    select format('%s to %s', format_type(c.from_type, null), format_type(c.to_type, null)) into refused
    from (
        select
            substring(arguments.node ->> 3 from cast_type)::oid as from_type,
            substring(casts.node ->> 3 from cast_type)::oid as to_type
        from jsonb_array_elements(nodes) as casts (node)
        left join jsonb_array_elements(nodes) as arguments (node) on (arguments.node ->> 1) = (casts.node ->> 0)
        where casts.node ->> 2 = 'COERCEVIAIO'
    ) as c
    where
        coalesce(c.from_type, 0) <> all (array['int2', 'int4', 'int8', 'numeric', 'uuid', 'text', 'varchar', 'bool']::regtype[]::oid[])
        or coalesce(c.to_type, 0) <> all (array['int2', 'int4', 'int8', 'numeric', 'uuid', 'text', 'varchar', 'bool']::regtype[]::oid[])
    limit 1;
    if found then
        return format('may not cast %s: the result depends on settings of the session', refused);
    end if;

    -- A day of the session's time zone has 23 to 25 hours; hours, minutes and seconds are the same everywhere.
    if exists (
        select 1
        from jsonb_array_elements(nodes) as additions (node)
        where
            substring(additions.node ->> 3 from ':opfuncid (\d+)')::oid = any (array[
                'pg_catalog.timestamptz_pl_interval(timestamp with time zone,interval)'::regprocedure,
                'pg_catalog.timestamptz_mi_interval(timestamp with time zone,interval)'::regprocedure,
                'pg_catalog.interval_pl_timestamptz(interval,timestamp with time zone)'::regprocedure
            ]::oid[])
            and not exists (
                select 1
                from jsonb_array_elements(nodes) as arguments (node)
                where
                    (arguments.node ->> 1) = (additions.node ->> 0)
                    and arguments.node ->> 2 = 'CONST'
                    and arguments.node ->> 3 ~ format(':consttype %s .*:constvalue 16 \[( -?\d+){8}( 0){8} \]', 'interval'::regtype::oid)
            )
    ) then
        return 'adds days to a moment, which depends on the session''s time zone: write hours (interval ''72 hours''), or name the zone: '
            '(opened_at at time zone ''Europe/Paris'' + interval ''3 days'') at time zone ''Europe/Paris''';
    end if;
    return null;
end
$refuse_parse_tree$;

comment on function yardstick_engine.refuse_parse_tree(text, text, oid) is
'Why the expression of a probe view is refused, given a frame view over the same columns; null when it is allowed.';

grant execute on function yardstick_engine.refuse_parse_tree(text, text, oid) to yardstick_formula;
