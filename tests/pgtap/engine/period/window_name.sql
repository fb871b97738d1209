begin;
select plan(2);

select is(
    array(select yardstick_engine.period_type(yardstick_engine.window_name(n)) from generate_series(1, 5) as n),
    array[1, 2, 3, 4, 5], 'names what period_type numbers'
);
select is(yardstick_engine.window_name(6), null, 'knows no other number');

select * from finish();
rollback;
