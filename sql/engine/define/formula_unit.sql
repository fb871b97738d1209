-- From the inside out over PostgreSQL's own parse tree: a node comes before the nodes inside it, so the last is looked at first.
create or replace function yardstick_engine.formula_unit(formula text, measure_names text[], measure_units text[])
returns jsonb
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $formula_unit$
declare
    tree      constant text := yardstick_engine.formula_tree(formula, measure_names);
    arguments jsonb := '{}';
    node      record;
    operands  jsonb;
    operand   jsonb;
    unit      jsonb;
    used      text[] := '{}';
begin
    for node in
        with recursive

        nodes as (

            select n.node_number, n.parent_number, n.node_name, n.own_text
            from yardstick_engine.expression_nodes(tree) as n

        ),

        wanted as (

            select n.node_number, n.parent_number, n.node_name, n.own_text, true as is_root
            from nodes as t
            inner join nodes as n on n.parent_number = t.node_number
            where t.node_name = 'TARGETENTRY' and t.own_text ~ ':resname yardstick_expression '

            union all

            select n.node_number, n.parent_number, n.node_name, n.own_text, false
            from wanted as w
            inner join nodes as n on n.parent_number = w.node_number

        )

        select
            w.node_number, w.parent_number, w.node_name, w.is_root,
            substring(w.own_text from ':varattno (\d+)')::integer as position,
            case
                when w.node_name in ('COALESCEEXPR', 'MINMAXEXPR', 'NULLIFEXPR', 'DISTINCTEXPR', 'CASEEXPR', 'CASEWHEN', 'CONST', 'VAR') then w.node_name
                when p.proname ~ '^(numeric_add|int\d+pl)$' then '+'
                when p.proname ~ '^(numeric_sub|int\d+mi)$' then '-'
                when p.proname ~ '^(numeric_mul|int\d+mul)$' then '*'
                when p.proname in ('divide', 'div') then '/'
                when p.proname ~ '^(numeric_|int\d+)(eq|ne|lt|le|gt|ge)$' then '='
                when p.proname ~ '^(numeric_abs|numeric_uminus|numeric_uplus|int\d+(um|up|abs)|abs|round|trunc|ceil|ceiling|floor|numeric|int\d|mod|numeric_mod|int\d+mod)$'
                    then 'same'
                when w.node_name in ('RELABELTYPE', 'COERCEVIAIO') then 'same'
            end as kind,
            w.own_text ~ ':arg <>' as has_no_subject
        from wanted as w
        left join pg_proc as p on p.oid = substring(w.own_text from ':(?:funcid|opfuncid) (\d+)')::oid
        order by w.node_number desc
    loop
        operands := coalesce(arguments -> node.node_number::text, '[]');
        arguments := arguments - node.node_number::text;
        operands := case node.kind
            when 'CASEWHEN' then jsonb_build_array(operands -> 1)
            when 'CASEEXPR' then case when node.has_no_subject then operands else operands - 0 end
            else operands
        end;
        unit := null;
        case node.kind
            when 'CONST' then
                unit := '{"literal": true}';
            when 'VAR' then
                used := used || measure_names[node.position];
                if measure_units[node.position] is not null then
                    unit := jsonb_build_object('parts', yardstick_engine.unit_parts(measure_units[node.position]));
                end if;
            when '*', '/' then
                unit := yardstick_engine.multiply_units(
                    nullif(operands -> 0, 'null'), nullif(operands -> 1, 'null'), case node.kind when '*' then 1 else -1 end
                );
            when 'same', 'CASEWHEN' then
                unit := nullif(operands -> 0, 'null');
            else
                if node.kind is not null then
                    unit := nullif(operands -> 0, 'null');
                    for operand in select nullif(o.unit, 'null') from jsonb_array_elements(operands - 0) as o (unit)
                    loop
                        unit := yardstick_engine.join_units(unit, operand);
                        if unit ? 'conflict' then
                            return unit || jsonb_build_object('operation', node.kind);
                        end if;
                    end loop;
                    if node.kind in ('=', 'DISTINCTEXPR') then
                        unit := null;
                    elsif node.kind = 'NULLIFEXPR' then
                        unit := nullif(operands -> 0, 'null');
                    end if;
                end if;
        end case;
        if node.is_root then
            return jsonb_strip_nulls(jsonb_build_object('unit', unit, 'used', to_jsonb(used)));
        end if;
        arguments := jsonb_set(
            arguments, array[node.parent_number::text],
            jsonb_build_array(unit) || coalesce(arguments -> node.parent_number::text, '[]')
        );
    end loop;
    return jsonb_build_object('used', to_jsonb(used));
end
$formula_unit$;

comment on function yardstick_engine.formula_unit(text, text[], text[]) is
'Unit of a formula over measures with these units (null: not known): {unit: as join_units has it, used: the measures it names}, or {conflict: [one, other], operation}.';
