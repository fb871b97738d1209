begin;
select plan(6);

select results_eq(
    $$select yardstick_engine.key_problems(
        '{"b": 5, "zzz": 1, "aaa": 2, "d": null}',
        '{"a": {"type": "text", "required": true}, "b": {"type": "text"}, "c": {"type": "list"}, "d": {"type": "name"}}', 'here'
    )$$,
    $$values
    ('here.aaa: unknown key; known keys are a, b, c, d'), ('here.zzz: unknown key; known keys are a, b, c, d'), ('here.a: is required'),
    ('here.b: must be text; got 5')$$,
    'names every key that is wrong, unknown ones first'
);
select is_empty($$select yardstick_engine.key_problems('{"a": "x"}', '{"a": {"type": "text", "required": true}}', '')$$, 'says nothing where all is well');
select is(
    yardstick_engine.key_problems(g.input, '{"a": {"type": "text"}}', g.path), g.problem, format('says what %s is not', coalesce(g.input::text, 'nothing'))
)
from (
    values
    (null::jsonb, '', '$: must be an object with the keys a; got nothing'), ('[]', 'here', 'here: must be an object with the keys a; got array'),
    ('null', '', '$: must be an object with the keys a; got null')
) as g (input, path, problem);
select throws_ok(
    $$select yardstick_engine.check_keys_of('{"b": 1, "c": 2}', '{"a": {"type": "text"}}', '')$$, 'YS001', 'b: unknown key; known keys are a',
    'is raised, the first of it, by check_keys_of'
);

select * from finish();
rollback;
