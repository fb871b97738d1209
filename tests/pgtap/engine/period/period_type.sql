begin;
select plan(2);

select is(
    array(select yardstick_engine.period_type(w) from unnest('{daily,weekly,monthly,quarterly,annual}'::text[]) as w),
    array[1, 2, 3, 4, 5], 'numbers the windows from the finest on'
);
select is(yardstick_engine.period_type('hourly'), null, 'knows no other word');

select * from finish();
rollback;
