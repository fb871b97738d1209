begin;
\ir ../../two_organizations.psql

select plan(5);

select pg_temp.as_login('tap_dba', $$
    select yardstick_api.define_metric('{
        "metric_name": "tap_cost", "display_name": "Cost", "calculation_method": "aggregation", "time_windows": ["daily"],
        "data_sources": {"source": "analytics_metrics", "key": "tap_cost", "measures": {"cost": {"agg": "sum"}, "rows": {"agg": "count"}}},
        "calculation_formula": "cost / rows"}')
$$) \g /dev/null
delete from yardstick.metric_series;
update yardstick.organizations set is_active = external_id in ('tap-acme', 'tap-birch');
-- As many departments as there are measures, times three: six series for each measure and organization in all.
insert into yardstick.metric_series (organization_id, measure_id, aggregation_level, aggregation_id)
select o.id, m.id, 'own', gen_random_uuid()
from yardstick.organizations as o
cross join yardstick.metric_measures as m
cross join generate_series(1, case o.external_id when 'tap-acme' then 9 else 3 end)
where o.external_id in ('tap-acme', 'tap-birch');

create function pg_temp.known(tuples real) returns double precision language sql as $known$
    update pg_class set reltuples = tuples where oid = 'yardstick.metric_series'::regclass;
    select yardstick_engine.scopes_of_measure();
$known$;

select is(pg_temp.known(-1), 6::double precision, 'counts series that were never analyzed');
select is(
    pg_temp.known((select 10 * 2 * count(*) from yardstick.metric_measures)::real), 10::double precision, 'takes their number from the statistics'
);
select is(pg_temp.known(0), 0::double precision, 'says that there are none');
update yardstick.organizations set is_active = false where external_id = 'tap-birch';
select is(pg_temp.known(-1), 12::double precision, 'divides them among active organizations');
update yardstick.organizations set is_active = false;
select lives_ok($$select yardstick_engine.scopes_of_measure()$$, 'divides by no zero');

select * from finish();
rollback;
