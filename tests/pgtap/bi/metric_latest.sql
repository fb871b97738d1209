begin;
\ir ../some_values.psql
select plan(4);

create function pg_temp.latest(login text, metric_name text)
returns text
language sql
as $latest$
    select pg_temp.as_login(login, format(
        'select string_agg(aggregation_level || '' '' || metric_value, '', '' order by aggregation_level) '
        'from yardstick_bi.metric_latest where metric_name = %L', metric_name
    ))
$latest$;

select is(pg_temp.latest('tap_acme_bi', 'tap_up'), 'dept 101, org 1', 'has the last finished period of each scope');
select is(pg_temp.latest('tap_acme_bi', 'tap_everywhere'), 'org 201', 'has the organization''s value of a platform metric');
select is(pg_temp.latest('tap_birch_bi', 'tap_everywhere'), 'org 301', 'has it for each organization its own');
update yardstick.metric_definitions set aggregation_levels = '{org}' where id = :'up';
select is(pg_temp.latest('tap_acme_bi', 'tap_up'), 'org 1', 'leaves out levels the metric is no longer calculated for');

select * from finish();
rollback;
