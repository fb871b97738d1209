begin;
select plan(8);

select is(yardstick_engine.filter_conjuncts(k.condition), k.conjuncts, k.meaning)
from (
    values
    ($$((source.a = 'x'::text) AND (source.b > 5))$$, array[$$source.a = 'x'::text$$, 'source.b > 5'], 'cuts at "and"'),
    ($$(source.a = 1) AND ((source.b = 2) AND (source.c = 3))$$, array['source.a = 1', 'source.b = 2', 'source.c = 3'], 'cuts what is cut again'),
    ($$((source.a = 'it''s ) AND ('::text) AND source.flag)$$, array[$$source.a = 'it''s ) AND ('::text$$, 'source.flag'], 'leaves texts whole'),
    ($$((source."x) AND (y" = E'\\'::text) AND (NOT source.flag))$$, array[$$source."x) AND (y" = E'\\'::text$$, 'NOT source.flag'], 'leaves names whole'),
    ($$((source.a = 1) OR (source.b = 2))$$, array['(source.a = 1) OR (source.b = 2)'], 'does not cut at "or"'),
    ($$(NOT ((source.a = 1) AND (source.b = 2)))$$, array['NOT ((source.a = 1) AND (source.b = 2))'], 'does not cut under "not"'),
    (
        $$((CASE WHEN (source.a AND source.b) THEN source.c ELSE false END) AND source.d)$$,
        array['CASE WHEN (source.a AND source.b) THEN source.c ELSE false END', 'source.d'], 'does not cut inside a case'
    ),
    ('source.flag', array['source.flag'], 'takes a column for what it is')
) as k (condition, conjuncts, meaning);

select * from finish();
rollback;
