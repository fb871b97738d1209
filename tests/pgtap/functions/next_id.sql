begin;
select plan(4);

select ids.id, ids.place, clock_timestamp() as made_at
into temporary made
from (select yardstick.next_id() as id, n as place from generate_series(1, 1000) as n) as ids;

select is((select count(distinct m.id) from made as m), 1000::bigint, 'is another one each time');
select is_empty($$select from made as m where m.id::text !~ '^.{14}7.{4}[89ab]'$$, 'is of version 7 and the common variant');
select is_empty(
    $$
    select
    from made as m
    cross join lateral (select ('x' || left(replace(m.id::text, '-', ''), 12))::bit(48)::bigint as milliseconds) as t
    where abs(t.milliseconds - extract(epoch from m.made_at) * 1000) > 5000
    $$,
    'begins with the millisecond it was made in'
);
select yardstick.next_id() as earlier, pg_sleep(0.003) \gset
select cmp_ok(:'earlier'::uuid, '<', yardstick.next_id(), 'comes after those made before');

select * from finish();
rollback;
