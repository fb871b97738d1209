begin;
select plan(8);

select yardstick.ensure_year_partitions('metric_calculations', '1995-06-01', '1995-06-02') \g /dev/null
select yardstick.ensure_year_partitions('metric_partials', '1995-06-01', '1995-06-02') \g /dev/null
select has_table('yardstick', 'metric_calculations_1995', 'there is a year of values');
select yardstick.lock_year_partition('metric_calculations_1995') \g /dev/null
select ok(
    exists (
        select from pg_locks as l
        where l.relation = 'yardstick.metric_calculations_1995'::regclass and l.mode = 'ShareRowExclusiveLock' and l.granted
    ), 'is locked for writers'
);
select yardstick.drop_year_partition('metric_calculations_1995') \g /dev/null
select hasnt_table('yardstick', 'metric_calculations_1995', 'goes whole');
select yardstick.drop_year_partition('metric_partials_day_1995') \g /dev/null
select hasnt_table('yardstick', 'metric_partials_day_1995', 'so does a year of days');
select throws_ok('select yardstick.drop_year_partition(''analytics_metrics_2026'')', 'YS003', null, 'is never one of observations');
select throws_ok('select yardstick.drop_year_partition(''metric_calculations'')', 'YS003', null, 'nor the table itself');
select throws_ok('select yardstick.lock_year_partition(''users'')', 'YS003', null, 'locks no other table');
select is(
    (
        select string_agg(distinct a.grantee::regrole::text, ',' order by a.grantee::regrole::text)
        from pg_proc as p
        cross join lateral aclexplode(p.proacl) as a
        where p.oid in ('yardstick.drop_year_partition(text)'::regprocedure, 'yardstick.lock_year_partition(text)'::regprocedure)
    ),
    'yardstick_engine_role,yardstick_owner', 'is the engine''s alone'
);

select * from finish();
rollback;
