-- Kinds of nodes are allowed, not forbidden, and what matters of them has to stand there in a form we know: a server whose
-- parse trees are not understood here refuses everything. The frame is a query we wrote; it must show the functions we put there.
create or replace function yardstick_engine.refuse_query_tree(
    frame_tree     text,
    probe_tree     text,
    probe_relation oid,
    declared       oid[]
)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $refuse_query_tree$
declare
    query_nodes constant text[] := array[
        'QUERY', 'RTE', 'RANGETBLENTRY', 'RTEPERMISSIONINFO', 'PERMISSIONINFO', 'RANGETBLREF', 'ALIAS', 'TARGETENTRY', 'FROMEXPR',
        'JOINEXPR', 'SORTGROUPCLAUSE', 'GROUPINGSET', 'GROUPINGFUNC', 'AGGREF', 'WINDOWCLAUSE', 'WINDOWFUNC', 'SUBLINK',
        'COMMONTABLEEXPR', 'SETOPERATIONSTMT', 'PARAM',
        'VAR', 'CONST', 'FUNCEXPR', 'OPEXPR', 'DISTINCTEXPR', 'NULLIFEXPR', 'SCALARARRAYOPEXPR', 'BOOLEXPR', 'RELABELTYPE',
        'COERCEVIAIO', 'CASEEXPR', 'CASEWHEN', 'CASETESTEXPR', 'ARRAYEXPR', 'COALESCEEXPR', 'MINMAXEXPR', 'NULLTEST',
        'BOOLEANTEST'
    ];
    found_nodes jsonb;
    checked     text;
    refused     text;
begin
    if array(
        select distinct m.found[1]::oid
        from regexp_matches(refuse_query_tree.frame_tree, ':(?:funcid|opfuncid|aggfnoid|winfnoid) (\d+)', 'g') as m (found)
        order by 1
    ) is distinct from array(
        select to_regprocedure(s.signature)::oid
        from unnest(array[
            'pg_catalog.lower(text)', 'pg_catalog.texteq(text,text)', 'pg_catalog.count()', 'pg_catalog.sum(numeric)',
            'pg_catalog.row_number()', 'yardstick_engine.divide(numeric,numeric)'
        ]) as s (signature)
        order by 1
    ) or (select count(*) from regexp_matches(refuse_query_tree.frame_tree, '\{(QUERY|COMMONTABLEEXPR|SUBLINK|AGGREF|WINDOWFUNC) ', 'g')) <> 8 then
        return 'cannot be checked: this server writes parse trees in a way that is not understood here';
    end if;

    select jsonb_agg(jsonb_build_array(n.node_number, n.parent_number, n.node_name, n.own_text)) into found_nodes
    from yardstick_engine.expression_nodes(refuse_query_tree.probe_tree) as n;

    select p.node ->> 2 into refused
    from jsonb_array_elements(found_nodes) as p (node)
    where coalesce(p.node ->> 2, '') <> all (query_nodes)
    order by p.node ->> 2
    limit 1;
    if found then
        return case refused
            when 'SQLVALUEFUNCTION' then
                'may not use the clock or the session (current_date, current_user ...): a stored value would be wrong a moment later; '
                'the period is yardstick.period_start() to yardstick.period_end()'
            when 'RANGETBLFUNCTION' then 'may not read rows from a function (generate_series, unnest ...): only from the declared sources'
            when 'TABLEFUNC' then 'may not take xml or json apart into rows'
            when 'XMLEXPR' then 'may not use xml'
            when 'TABLESAMPLECLAUSE' then 'may not sample: two runs would give two values; leave tablesample out'
            when 'ROWMARKCLAUSE' then 'may not lock rows: leave for update or for share out'
            when 'COERCETODOMAIN' then 'may not cast to a domain: cast to a plain type'
            when 'ROWEXPR' then 'may not use rows as values: compare the columns one by one'
            when 'ROWCOMPAREEXPR' then 'may not use rows as values: compare the columns one by one'
            when 'COLLATEEXPR' then 'may not name a collation: leave collate out'
            when 'SUBSCRIPTINGREF' then 'may not take an element by its number: use -> for jsonb'
            else format('uses something that queries may not contain (%s)', lower(coalesce(nullif(refused, ''), 'unknown')))
        end;
    end if;

    select f.message into refused
    from jsonb_array_elements(found_nodes) as p (node)
    cross join lateral (
        select case
            when p.node ->> 2 = 'QUERY' and p.node ->> 3 !~ ':commandType 1 .*:hasRecursive false .*:hasModifyingCTE false .*:hasForUpdate false ' then
                'has to be one SELECT that only reads, without with recursive and for update'
            when p.node ->> 2 = 'COMMONTABLEEXPR' and p.node ->> 3 !~ ':ctematerialized [01] .*:cterecursive false ' then
                'may not use recursive or not materialized in with: leave the words out'
            when p.node ->> 2 = 'SUBLINK' and p.node ->> 3 !~ ':subLinkType [0124] ' then
                'may not turn a sub-select into an array: join it, or use in (select ...)'
            when p.node ->> 2 in ('RTE', 'RANGETBLENTRY') and p.node ->> 3 !~ ':rtekind (0 :relid [1-9]\d*|[1256]|8) ' then
                'may read from the declared sources and sub-selects only'
        end as message
    ) as f
    where f.message is not null
    limit 1;
    if found then
        return refused;
    end if;

    -- By number, so that no spelling and no search path counts.
    select m.found[1]::oid::regclass::text into refused
    from regexp_matches(refuse_query_tree.probe_tree, ':relid (\d+)', 'g') as m (found)
    where m.found[1]::oid not in (0, refuse_query_tree.probe_relation) and m.found[1]::oid <> all (refuse_query_tree.declared)
    limit 1;
    if found then
        return format('may not read %s: declare it as a source, and read only the declared ones', refused);
    end if;
    if (
        select count(*)
        from jsonb_array_elements(found_nodes) as p (node)
        where p.node ->> 2 in ('RTE', 'RANGETBLENTRY') and substring(p.node ->> 3 from ':rtekind 0 :relid (\d+) ')::oid = any (refuse_query_tree.declared)
    ) > 8 then
        return 'reads its sources more than 8 times: read each once, in a with, and use that';
    end if;
    if (select count(*) from jsonb_array_elements(found_nodes) as p (node) where p.node ->> 2 in ('RTE', 'RANGETBLENTRY')) > 60 then
        return 'has too many sub-selects: split it into several metrics';
    end if;

    -- The fraction of percentile_disc is a floating point number by its signature; it is the only one there may be.
    checked := refuse_query_tree.probe_tree;
    if strpos(checked, format(':aggfnoid %s ', 'pg_catalog.percentile_disc(double precision,anyelement)'::regprocedure::oid)) > 0 then
        with

        found as (

            select
                (p.node ->> 0)::bigint as node_number,
                (p.node ->> 1)::bigint as parent_number,
                p.node ->> 2 as node_name,
                p.node ->> 3 as own_text
            from jsonb_array_elements(found_nodes) as p (node)

        ),

        kept as (

            select
                f.node_number,
                f.parent_number,
                f.node_name,
                f.own_text
            from found as f
            where not (
                f.node_name = 'FUNCEXPR'
                and substring(f.own_text from ':funcid (\d+) ')::oid in (
                    'pg_catalog.float8(numeric)'::regprocedure, 'pg_catalog.float8(integer)'::regprocedure
                )
                and exists (
                    select 1
                    from found as a
                    where
                        a.node_number = f.parent_number
                        and a.node_name = 'AGGREF'
                        and substring(a.own_text from ':aggfnoid (\d+) ')::oid
                        = 'pg_catalog.percentile_disc(double precision,anyelement)'::regprocedure
                )
            )

        )

        select
            jsonb_agg(jsonb_build_array(k.node_number, k.parent_number, k.node_name, k.own_text)),
            string_agg(k.own_text, E'\n')
        into found_nodes, checked
        from kept as k;
    end if;
    return yardstick_engine.refuse_calls(
        checked, found_nodes,
        yardstick_engine.allowed_functions() || yardstick_engine.allowed_aggregates()
        || array['yardstick_engine.divide(numeric,numeric)', 'yardstick.period_start()', 'yardstick.period_end()']
    );
end
$refuse_query_tree$;

comment on function yardstick_engine.refuse_query_tree(text, text, oid, oid[]) is
'Why the query of a probe view is refused, given the tree of a known query and the relations it may read; null when it is allowed.';

grant execute on function yardstick_engine.refuse_query_tree(text, text, oid, oid[]) to yardstick_formula;
