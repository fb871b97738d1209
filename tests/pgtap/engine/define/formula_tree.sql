begin;
select plan(4);

select matches(
    yardstick_engine.formula_tree('measures.a + 1.5', array['a', 'b']), format('^{OPEXPR .*:opfuncid %s ', 'numeric_add(numeric,numeric)'::regprocedure::oid),
    'begins with the formula''s own node'
);
select results_eq(
    $$select n.node_name from yardstick_engine.expression_nodes(yardstick_engine.formula_tree('measures.a + 1.5', array['a', 'b'])) as n order by n.node_number$$,
    $$values ('OPEXPR'), ('VAR'), ('CONST')$$, 'holds nothing else'
);
select matches(yardstick_engine.formula_tree('measures."end"', array['a', 'end']), '^{VAR .*:varattno 2 ', 'numbers the measures as they are given');
select is(
    (select count(*) from pg_class as c where c.relnamespace = pg_my_temp_schema() and c.relkind = 'v'), 0::bigint, 'leaves no view behind'
);

select * from finish();
rollback;
