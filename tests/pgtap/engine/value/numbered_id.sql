begin;
select plan(3);

select results_eq(
    $$select yardstick_engine.numbered_id('01234567-89ab-4cde-8f01-23456789abcd', n) from unnest(array[0, 1, 255, 9223372036854775807]) as n$$,
    $$values ('01234567-89ab-4cde-8000-000000000000'::uuid), ('01234567-89ab-4cde-8000-000000000001'), ('01234567-89ab-4cde-8000-0000000000ff'),
        ('01234567-89ab-4cde-ffff-ffffffffffff')$$,
    'it replaces the last sixteen digits'
);
select is(
    count(distinct yardstick_engine.numbered_id(k.random_id, n))::integer, 2000,
    'it gives each row of a statement an id of its own, and none of another statement'
)
from (select gen_random_uuid() as random_id union all select gen_random_uuid()) as k
cross join generate_series(1, 1000) as n;
select is(yardstick_engine.numbered_id(null, 1), null, 'it makes no id of nothing');

select * from finish();
rollback;
