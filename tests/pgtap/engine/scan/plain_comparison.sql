begin;
select plan(4);

select results_eq(
    $test$
        select p.column_text, p.kind, p.constant_text
        from (
            values
            (1, $$source.a = 'it''s'::text$$), (2, $$source.n >= 5$$), (3, $$(source.i)::numeric > 2.5$$), (4, $$(source.i)::text <> '5'::text$$),
            (5, $$source.a = ANY (ARRAY['x'::text, 'y'::text])$$), (6, 'source.a IS NOT NULL'), (7, 'NOT source."Flag"'), (8, 'source.i < source.n')
        ) as k (place, conjunct)
        cross join lateral yardstick_engine.plain_comparison(
            k.conjunct, array['source.a', 'source.n', 'source.i', 'source."Flag"'], array['source.i']
        ) as p
        order by k.place
    $test$,
    $test$
        values
        ('source.a', 'equal', $$'it''s'::text$$), ('source.n', 'order', '5'), ('source.i', 'order', '2.5'), ('source.i', 'equal', $$'5'::text$$),
        ('source.a', 'list', $$(ARRAY['x'::text, 'y'::text])$$), ('source.a', 'test', 'NULL'), ('source."Flag"', 'test', ''),
        ('source.i', 'columns', 'source.n')
    $test$,
    'knows what is compared with what'
);
select is_empty(
    $$select * from yardstick_engine.plain_comparison('(source.a)::numeric > 5', array['source.a'], '{}')$$, 'takes no text for a number'
);
select is_empty(
    $$select * from yardstick_engine.plain_comparison('source.j = ''1''::text', array['source.a'], '{}')$$, 'takes no column that it was not told of'
);
select is_empty(
    $$
        select k.conjunct
        from (values ('yardstick_engine.divide(1, source.n) > 5'), ('lower(source.a) = ''x''::text'), ('(source.n + 1) = 5'),
            ('source.a ~~ ''x\''::text'), ('(source.n = 1) OR (source.n = 2)')) as k (conjunct)
        cross join lateral yardstick_engine.plain_comparison(k.conjunct, array['source.a', 'source.n'], array['source.n'])
    $$,
    'takes no calculation for a comparison'
);

select * from finish();
rollback;
