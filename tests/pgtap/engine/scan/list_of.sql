begin;
select plan(2);

select results_eq(
    $$select g.n % 7, yardstick_engine.list_of(nullif(g.n % 5, 3) * 0.10 order by g.n) from generate_series(1, 400) as g (n) group by 1 order by 1$$,
    $$select g.n % 7, array_agg(nullif(g.n % 5, 3) * 0.10 order by g.n) from generate_series(1, 400) as g (n) group by 1 order by 1$$,
    'it gives what array_agg gives, nulls and places of decimals included'
);
select is((select yardstick_engine.list_of(n) from unnest('{}'::bigint[]) as u (n)), null, 'it has no list of nothing');

select * from finish();
rollback;
