begin;
select plan(5);

-- Measures {part, whole} over one source, as compile_measures keeps them.
create function pg_temp.interval_of(formula text, metric_type text default 'percentage', whole jsonb default '{"agg": "count"}', part text default 'count')
returns text language sql as $$
    select concat_ws(' ', i.interval_kind, i.part_name, i.whole_name, case when i.is_rest then 'rest' end)
    from yardstick_engine.interval_of(
        interval_of.metric_type, jsonb_build_object('measures', jsonb_build_object('part', '{}'::jsonb, 'whole', interval_of.whole)),
        jsonb_build_object('formula', interval_of.formula, 'measures', jsonb_build_object(
            'part', jsonb_build_object('agg', interval_of.part), 'whole', jsonb_build_object('agg', interval_of.whole -> 'agg')
        ))
    ) as i
$$;

select results_eq(
    $$select pg_temp.interval_of(f) from unnest(array[
        '((100.0 * measures.part) OPERATOR(yardstick_engine./) measures.whole)',
        '(((100)::numeric * measures.part) OPERATOR(yardstick_engine./) measures.whole)',
        '((measures.part * 100.00) OPERATOR(yardstick_engine./) measures.whole)',
        '(100.0 * (measures.part OPERATOR(yardstick_engine./) measures.whole))',
        '((measures.part OPERATOR(yardstick_engine./) measures.whole) * 100.0)'
    ]) as f$$,
    $$select 'share part whole' from generate_series(1, 5)$$, 'knows a share of the rows however it is written'
);
select is(
    pg_temp.interval_of('((100.0 * (measures.whole - measures.part)) OPERATOR(yardstick_engine./) measures.whole)'), 'share part whole rest',
    'knows the rest of the rows'
);
select results_eq(
    $$select pg_temp.interval_of(f) from unnest(array[
        '((100.0 * (measures.part + measures.whole)) OPERATOR(yardstick_engine./) measures.whole)',
        '((1000.0 * measures.part) OPERATOR(yardstick_engine./) measures.whole)',
        '(measures.part OPERATOR(yardstick_engine./) (measures.whole * 100.0))',
        '((100.5 * measures.part) OPERATOR(yardstick_engine./) measures.whole)',
        '(measures.part OPERATOR(yardstick_engine./) measures.whole)'
    ]) as f$$,
    $$select null::text from generate_series(1, 5)$$, 'takes no other formula for a share'
);
select results_eq(
    $$select pg_temp.interval_of('((100.0 * measures.part) OPERATOR(yardstick_engine./) measures.whole)', k.metric_type, k.whole::jsonb, k.part)
    from (values
        ('ratio', '{"agg": "count"}', 'count'), ('percentage', '{"agg": "count", "where": "x > 1"}', 'count'),
        ('percentage', '{"agg": "count", "value": "x"}', 'count'), ('percentage', '{"agg": "sum", "value": "x"}', 'count'),
        ('percentage', '{"agg": "count"}', 'sum')
    ) as k (metric_type, whole, part)$$,
    $$select null::text from generate_series(1, 5)$$, 'wants a percentage, and rows in all rows of the metric'
);
select results_eq(
    $$select i.interval_kind
    from (values
        ('{"agg": "count"}'), ('{"agg": "count", "over_time": "last"}'), ('{"agg": "avg", "squares_id": "x"}'), ('{"agg": "avg"}'),
        ('{"agg": "sum"}'), ('{"agg": "percentile", "p": 50}')
    ) as m (body)
    left join lateral yardstick_engine.interval_of(
        null, '{}', jsonb_build_object('simple', true, 'formula', 'n', 'measures', jsonb_build_object('n', m.body::jsonb))
    ) as i on true$$,
    $$values ('count'), (null), ('mean'), (null), (null), (null)$$, 'knows a count of rows and a mean that keeps its squares'
);

select * from finish();
rollback;
