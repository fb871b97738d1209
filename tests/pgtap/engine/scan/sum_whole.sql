begin;
select plan(3);

select is(
    (select yardstick_engine.sum_whole(n) from unnest(array[9223372036854775807, -5, null, -9223372036854775800]::bigint[]) as u (n)), 2::bigint,
    'it adds up what is there, to the last of a bigint'
);
select is((select yardstick_engine.sum_whole(n) from unnest(array[null]::bigint[]) as u (n)), null, 'it has no sum of nothing');
select throws_ok(
    $$select yardstick_engine.sum_whole(n) from unnest(array[9223372036854775807, 1]::bigint[]) as u (n)$$, '22003', null,
    'it says so where the sum is beyond it'
);

select * from finish();
rollback;
