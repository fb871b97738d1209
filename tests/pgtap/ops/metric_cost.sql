begin;
\ir ../two_organizations.psql
select plan(14);

create function pg_temp.defined(login text, organization text, metric_name text, measures text) returns text language sql as $defined$
    select case when organization is null then pg_temp.as_login(login, q.query) else pg_temp.call(login, organization, q.query) end
    from (
        select format('select yardstick_api.define_metric(%L)', format(
            '{"metric_name": "%s", "display_name": "x", "calculation_method": "aggregation", "calculation_formula": "a",
            "data_sources": {"source": "analytics_metrics", "key": "k", "measures": {%s}}}', metric_name, measures
        )) as query
    ) as q
$defined$;
select
    pg_temp.defined('tap_dba', null, 'one', '"a": {"agg": "count"}') as one,
    pg_temp.defined('tap_dba', null, 'three', '"a": {"agg": "count"}, "b": {"agg": "sum"}, "c": {"agg": "max", "where": "value > 1"}') as three,
    pg_temp.defined('tap_acme_app', :'acme', 'own', '"a": {"agg": "count"}') as own
\gset
select yardstick_engine.metric_measure_ids(:'one') as shared \gset
select array(select yardstick_engine.metric_measure_ids(:'three')) as all_ids \gset
delete from yardstick.calculation_costs;
delete from yardstick.metric_costs;

create function pg_temp.costs() returns text language sql as $costs$
    select pg_temp.as_login('tap_dba', $$
        select string_agg(format('%s %s s, %s rows, %s, %s errors, %s %%', m.metric_name, m.run_seconds, m.row_count, m.slice_count, m.error_count, m.share_pct), '; '
            order by m.metric_name)
        from yardstick_ops.metric_cost as m
    $$)
$costs$;
select is(pg_temp.costs(), null, 'is empty before anything is calculated');

insert into yardstick.calculation_costs (stage, measure_ids, run_microseconds, row_count) values ('scan', :'all_ids', 6000000, 60);
select is(
    pg_temp.costs(), 'one 1 s, 10 rows, 1, 0 errors, 16.67 %; three 5 s, 50 rows, 1, 0 errors, 83.33 %',
    'shares a scan by measures, and a measure among the metrics that read it'
);
insert into yardstick.calculation_costs (stage, metric_ids, run_microseconds, row_count) values ('value', array[:'one', :'three']::uuid[], 4000000, 4);
select is(
    pg_temp.costs(), 'one 2 s, 11 rows, 2, 0 errors, 20 %; three 8 s, 53 rows, 2, 0 errors, 80 %', 'shares values by how many measures a metric has'
);
insert into yardstick.calculation_costs (stage, metric_ids, run_microseconds) values ('query', array[:'own', :'one', :'own', :'own']::uuid[], 4000000);
select is(
    pg_temp.costs(), 'one 3 s, 11 rows, 3, 0 errors, 21.43 %; own 3 s, 0 rows, 1, 0 errors, 21.43 %; three 8 s, 53 rows, 2, 0 errors, 57.14 %',
    'shares queries by how many periods were asked for'
);
select is(
    (select string_agg(m.metric_name || ' ' || coalesce(m.organization_name, '-'), ', ' order by m.metric_name) from yardstick_ops.metric_cost as m),
    'one -, own Acme, three -', 'names the organization of the definition'
);
select is((select sum(m.buffers_hit) from yardstick_ops.metric_cost as m), null, 'has no buffers where none were counted');

create temp table seen as select * from yardstick_ops.metric_cost;
select is(yardstick_engine.sum_costs(now()), 3, 'takes all notes together');
select is((select count(*)::integer from yardstick.calculation_costs), 0, 'leaves none');
select set_eq('select * from yardstick_ops.metric_cost', 'select * from seen', 'says the same when they are added up');

insert into yardstick.calculation_costs (stage, source_id, run_microseconds, error_count, blocks_hit, blocks_read)
select 'scan', d.source_id, 5000000, 1, 10, 5 from yardstick.metric_definitions as d where d.id = :'one';
select is(
    (select string_agg(format('%s %s %s %s', m.metric_name, m.error_count, m.buffers_hit, m.buffers_read), ', ' order by m.metric_name) from yardstick_ops.metric_cost as m),
    'one 1 2 1, own 1 2 1, three 1 6 3', 'shares a slice that failed among the metrics of its source'
);
select yardstick_engine.sum_costs(now()) \g /dev/null
select is(
    (select string_agg(format('%s %s %s', m.metric_name, m.run_seconds, m.slice_count), ', ' order by m.metric_name) from yardstick_ops.metric_cost as m),
    'one 4 4, own 4 2, three 11 3', 'adds to what the day has'
);

update yardstick.metric_costs set cost_date = cost_date - 7 where metric_id = :'three';
select is((select count(*)::integer from yardstick_ops.metric_cost), 2, 'looks back seven days');
update yardstick.metric_costs set cost_date = cost_date - 90 where metric_id = :'three';
select yardstick_engine.sum_costs(now()) \g /dev/null
select is((select count(*)::integer from yardstick.metric_costs where metric_id = :'three'), 0, 'forgets what is older than 90 days');

select is(
    left(pg_temp.as_login('tap_acme_bi', 'select count(*) from yardstick_ops.metric_cost'), 5)
    || left(pg_temp.call('tap_acme_app', :'acme', 'select count(*) from yardstick_ops.metric_cost'), 5), '4250142501', 'is for those who run the database'
);

select * from finish();
rollback;
