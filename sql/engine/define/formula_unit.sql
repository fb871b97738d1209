-- From the inside out over PostgreSQL's own parse tree: a node comes before the nodes inside it, so the last is looked at first.
create or replace function yardstick_engine.formula_unit(formula text, measure_names text[], measure_units text[])
returns jsonb
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $formula_unit$
declare
    tree      text;
    arguments jsonb := '{}';
    node      record;
    operands  jsonb;
    operand   jsonb;
    unit      jsonb;
    used      text[] := '{}';
begin
    if formula = quote_ident(measure_names[1]) and cardinality(measure_names) = 1 then
        return jsonb_strip_nulls(jsonb_build_object(
            'unit', jsonb_build_object('parts', yardstick_engine.unit_parts(measure_units[1])), 'used', to_jsonb(measure_names)
        ));
    end if;
    tree := yardstick_engine.formula_tree(formula, measure_names);
    for node in
        select
            w.node_number, w.parent_number,
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
        from yardstick_engine.expression_nodes(tree) as w
        -- One look at an index for each node, and no scan of all functions.
        cross join lateral (
            select (select f.proname from pg_proc as f where f.oid = substring(w.own_text from ':(?:funcid|opfuncid) (\d+)')::oid)::text as proname
            offset 0
        ) as p
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
        if node.parent_number is null then
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
