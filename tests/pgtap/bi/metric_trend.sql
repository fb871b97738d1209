begin;
\ir ../some_values.psql
select plan(3);

select is(
    pg_temp.as_login('tap_acme_bi', $$
        select string_agg(period_number || '=' || metric_value, ' ' order by period_number)
        from yardstick_bi.metric_trend where metric_name = 'tap_up' and aggregation_level = 'org'
    $$), '1=1 2=2 3=3 4=4 5=5 6=6 7=7 8=8 9=9 10=10 11=11 12=12 13=13', 'has the last 13 finished periods, newest first'
);
delete from yardstick.metric_calculations where metric_id = :'up' and metric_value between 2 and 5;
select is(
    pg_temp.as_login('tap_acme_bi', $$
        select string_agg(metric_value::text, ' ' order by period_number)
        from yardstick_bi.metric_trend where metric_name = 'tap_up' and aggregation_level = 'org'
    $$), '1 6 7 8 9 10 11 12 13', 'does not reach further back to fill a gap'
);
select is(
    pg_temp.as_login('tap_birch_bi', $$select count(*) from yardstick_bi.metric_trend where metric_name = 'tap_up'$$), '0',
    'has nothing of another organization'
);

select * from finish();
rollback;
