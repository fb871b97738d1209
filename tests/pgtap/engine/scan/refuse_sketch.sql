begin;
select plan(1);

select throws_ok(
    $$select yardstick_engine.refuse_sketch('hll')$$, 'YS008',
    'the extension hll is gone, with which days of this metric were estimated: create extension hll again, '
    'or have the metric read again with refresh_metric, which makes it exact',
    'names the extension and what to do'
);

select * from finish();
rollback;
