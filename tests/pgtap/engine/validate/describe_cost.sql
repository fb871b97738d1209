begin;
select plan(6);

create schema describe_cost_host;
create table describe_cost_host.sales (sold_at timestamptz, amount numeric);
create table describe_cost_host.by_day (sold_on date, amount numeric) partition by range (sold_on);
create table describe_cost_host.by_day_1 partition of describe_cost_host.by_day for values from ('2020-01-01') to ('2021-01-01');
create table describe_cost_host.by_day_2 partition of describe_cost_host.by_day for values from ('2021-01-01') to ('2022-01-01');
create view describe_cost_host.seen as select * from describe_cost_host.sales;
insert into describe_cost_host.sales select now(), n from generate_series(1, 1500) as n;
insert into describe_cost_host.by_day select date '2020-06-01', n from generate_series(1, 30) as n union all select date '2021-06-01', n from generate_series(1, 12) as n;
insert into yardstick.metric_sources (source_name, relation, time_column) values
('sales', 'describe_cost_host.sales', 'sold_at'), ('by_day', 'describe_cost_host.by_day', 'sold_on'), ('seen', 'describe_cost_host.seen', 'sold_at');
insert into yardstick.organizations (external_id, organization_name) values ('a', 'A'), ('b', 'B');

create function pg_temp.cost(source_names text[], definition jsonb default '{}') returns text language sql as $cost$
    select yardstick_engine.describe_cost(cost.definition, array(select s.id from yardstick.metric_sources as s where s.source_name = any (cost.source_names)), null)
$cost$;

select matches(pg_temp.cost('{sales}'), 'how many rows describe_cost_host.sales has is not known until it is analyzed', 'knows no rows before the table was analyzed');
analyze describe_cost_host.sales, describe_cost_host.by_day;
select is(
    pg_temp.cost('{sales}'),
    '2 organizations x 1 level x 1 window; about 1,500 rows of describe_cost_host.sales, all read each time: no index begins with sold_at, create one',
    'says that an index is missing'
);
create index on describe_cost_host.sales (sold_at);
create index on describe_cost_host.by_day (sold_on);
select is(
    pg_temp.cost('{by_day, sales}', '{"aggregation_levels": ["org", "dept"], "time_windows": ["daily", "weekly", "annual"]}'),
    '2 organizations x 2 levels x 3 windows; about 42 rows of describe_cost_host.by_day, found by an index that begins with sold_on; '
    'about 1,500 rows of describe_cost_host.sales, found by an index that begins with sold_at', 'adds up partitions, and names each source'
);
select matches(pg_temp.cost('{seen}'), 'describe_cost_host.seen is a view: how many rows it has is not known', 'cannot look into a view');
select matches(pg_temp.cost('{}'), 'no rows of a source are read$', 'says when nothing is read');
select matches(
    yardstick_engine.describe_cost('{}', '{}', (select o.id from yardstick.organizations as o where o.external_id = 'a')), '^1 organization x', 'counts one organization alone'
);

select * from finish();
rollback;
