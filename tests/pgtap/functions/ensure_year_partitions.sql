begin;
select plan(29);

set local role yardstick_engine_role;
select is(
    yardstick.ensure_year_partitions('metric_snapshots', '1991-12-31', '1993-01-01'), 3, 'makes the partition of every year in the range'
);
select is(yardstick.ensure_year_partitions('metric_snapshots', '1991-01-01', '1993-12-31'), 0, 'makes none twice');
select is(yardstick.ensure_year_partitions('yardstick.metric_snapshots', '1994-05-05', '1994-05-05'), 1, 'takes the schema with the name');
select is(yardstick.ensure_year_partitions('metric_partials', '1991-05-05', '1991-05-05'), 1, 'makes those of the days of metric_partials');
-- An instant of January 1st anywhere may still be December in UTC, and a period that ends with the year ends in the next.
select is(
    yardstick.ensure_year_partitions('metric_calculations', '1992-01-01', '1992-12-31'), 3,
    'makes the neighbours that local midnights reach where the key is an instant'
);
select is(yardstick.ensure_year_partitions('metric_calculations', '1995-06-01', '1995-06-30'), 1, 'makes no neighbours in the middle of a year');
select is(yardstick.ensure_year_partitions('analytics_metrics', '1990-01-01', '1990-01-01'), 2, 'makes what the first day of all needs');
reset role;

select has_table('yardstick', 'metric_snapshots_1992', 'names them by year');
select has_table('yardstick', 'metric_partials_day_1991', 'names those of days by year');
select table_owner_is('yardstick', 'metric_snapshots_1992', 'yardstick_owner', 'makes them as the owner');
select ok(
    c.relrowsecurity and c.relforcerowsecurity, 'enables and forces row-level security on them'
) from pg_class as c where c.oid = 'yardstick.metric_snapshots_1992'::regclass;
select is(c.relacl, null, 'grants them to nobody') from pg_class as c where c.oid = 'yardstick.metric_snapshots_1992'::regclass;
select ok(c.relispartition, 'attaches them') from pg_class as c where c.oid = 'yardstick.metric_snapshots_1992'::regclass;
select is(
    (select array_agg(k.conname::text order by k.conname) from pg_constraint as k where k.conrelid = 'yardstick.metric_calculations_1992'::regclass and k.contype = 'c'),
    (select array_agg(k.conname::text order by k.conname) from pg_constraint as k where k.conrelid = 'yardstick.metric_calculations'::regclass and k.contype = 'c'),
    'gives them every check of the parent'
);
select is(
    (select count(*) from pg_index as x where x.indrelid = 'yardstick.metric_snapshots_1992'::regclass),
    (select count(*) from pg_index as x where x.indrelid = 'yardstick.metric_snapshots'::regclass),
    'gives them every index of the parent'
);

set local role yardstick_engine_role;
insert into yardstick.metric_calculations (
    organization_id, metric_id, aggregation_level, aggregation_id, time_window, period_start, period_end,
    metric_version, calculation_timestamp, metric_value
)
select
    yardstick.next_id(), yardstick.next_id(), 'org', yardstick.next_id(), 'annual',
    timestamp '1992-01-01' at time zone z.zone, timestamp '1993-01-01' at time zone z.zone, 1, now(), 1
from unnest(array['Asia/Tokyo', 'UTC', 'Pacific/Pago_Pago']) as z (zone);
select is(
    (select array_agg(c.tableoid::regclass::text order by c.period_end) from yardstick.metric_calculations as c),
    '{yardstick.metric_calculations_1992,yardstick.metric_calculations_1993,yardstick.metric_calculations_1993}',
    'takes years of every zone'
);
select throws_ok(
    $$select count(*) from yardstick.metric_calculations_1992$$, '42501', null, 'lets nobody name a partition'
);
select isnt(c.id, null, 'has them make the identifier from the key') from yardstick.metric_calculations as c limit 1;

select throws_ok($$select yardstick.ensure_year_partitions('metric_snapshots', '1989-12-31', '1990-01-01')$$, 'YS006', null, 'refuses dates before 1990');
select is(
    yardstick.ensure_year_partitions('metric_calculations', '1989-04-01', '1989-04-01'), 1, 'lets a period of values begin before'
);
select throws_ok(
    format($$select yardstick.ensure_year_partitions('metric_snapshots', '2020-01-01', %L)$$, make_date(extract(year from now())::int + 6, 1, 1)),
    'YS006', null, 'refuses dates more than five years ahead'
);
select lives_ok(
    format($$select yardstick.ensure_year_partitions('metric_snapshots', %1$L, %1$L)$$, make_date(extract(year from now())::int + 5, 12, 31)),
    'takes dates five years ahead'
);
select lives_ok(
    format($$select yardstick.ensure_year_partitions('metric_calculations', %1$L, %1$L)$$, make_date(extract(year from now())::int + 6, 12, 31)),
    'lets a period of values end a year later'
);
select throws_ok(
    format($$select yardstick.ensure_year_partitions('metric_calculations', '2020-01-01', %L)$$, make_date(extract(year from now())::int + 7, 1, 1)),
    'YS006', null, 'but no later'
);
select throws_ok($$select yardstick.ensure_year_partitions('metric_snapshots', '2020-02-01', '2020-01-01')$$, 'YS006', null, 'refuses a range that ends before it starts');
select throws_ok($$select yardstick.ensure_year_partitions('metric_snapshots', null, '2020-01-01')$$, 'YS006', null, 'refuses a range without a start');
select throws_ok($$select yardstick.ensure_year_partitions('metric_alerts', '2020-01-01', '2020-01-01')$$, 'YS003', null, 'refuses a table without partitions');
select throws_ok($$select yardstick.ensure_year_partitions('metric_alerts; drop table x', '2020-01-01', '2020-01-01')$$, 'YS003', null, 'refuses what is no table');
reset role;
select is_empty(
    $$
    select f.role_name
    from unnest(array['yardstick_app', 'yardstick_bi', 'yardstick_worker', 'yardstick_dba']) as f (role_name)
    where has_function_privilege(f.role_name, 'yardstick.ensure_year_partitions(text, date, date)', 'execute')
    $$,
    'is for the engine alone'
);

select * from finish();
rollback;
