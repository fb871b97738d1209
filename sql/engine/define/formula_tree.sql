-- as: deployer
-- A formula that probe_expression has allowed is parsed once more, since units are read from the tree and not from the text.
-- Runs as yardstick_formula, for the reasons that are said there.
create or replace function yardstick_engine.formula_tree(formula text, measure_names text[])
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
set quote_all_identifiers = off
as $formula_tree$
#variable_conflict use_variable
declare
    tree text;
begin
    begin
        execute format(
            'create temp view yardstick_probe as select (%s) as yardstick_expression from (select %s) as measures',
            formula, (select string_agg(format('null::numeric as %I', m.name), ', ' order by m.position)
                from unnest(measure_names) with ordinality as m (name, position))
        );
        -- The expression stands before its name; neither a measure nor a literal can be written in a way that looks like a node.
        select substring(split_part(r.ev_action::text, ' :resno 1 :resname yardstick_expression ', 1) from '.*\{TARGETENTRY :expr (.*)$') into tree
        from pg_rewrite as r
        where r.ev_class = to_regclass('pg_temp.yardstick_probe');
        -- Whatever was made is undone; the variable keeps what was read.
        raise exception using errcode = 'YSEND', message = 'the probe is done';
    exception
        when sqlstate 'YSEND' then
            null;
    end;
    return tree;
end
$formula_tree$;

comment on function yardstick_engine.formula_tree(text, text[]) is
'Parse tree, as the server writes it, of the expression that is a formula over measures that probe_expression returned.';

alter function yardstick_engine.formula_tree(text, text[]) owner to yardstick_formula;
revoke execute on function yardstick_engine.formula_tree(text, text[]) from public;
grant execute on function yardstick_engine.formula_tree(text, text[]) to yardstick_engine_role;
