begin;
\ir ../../two_organizations.psql

select plan(8);

select pg_temp.as_login('tap_dba', $$
    select yardstick_api.define_metric('{
        "metric_name": "tap_cost", "display_name": "Cost", "calculation_method": "aggregation", "time_windows": ["daily"],
        "data_sources": {"source": "analytics_metrics", "key": "tap_cost", "measures": {"cost": {"agg": "sum"}}}}')
$$) \g /dev/null
select pg_temp.as_login('tap_dba', $$
    select yardstick_api.define_metric('{
        "metric_name": "tap_median", "display_name": "Median", "calculation_method": "aggregation", "time_windows": ["daily"],
        "data_sources": {"source": "analytics_metrics", "key": "tap_cost", "measures": {"cost": {"agg": "percentile", "p": 0.5}}}}')
$$) \g /dev/null
delete from yardstick.metric_series;
delete from yardstick.metric_partials;
select yardstick.ensure_year_partitions('yardstick.metric_partials', '2026-01-01', '2026-12-31') \g /dev/null
-- Every second day of ten has a state of sums; of what is kept in lists there is none, and of others nothing is asked.
insert into yardstick.metric_series (organization_id, measure_id, aggregation_level, aggregation_id)
select o.id, m.id, 'own', gen_random_uuid()
from yardstick.organizations as o
cross join yardstick.metric_measures as m
cross join generate_series(1, 100)
where o.external_id in ('tap-acme', 'tap-birch');
insert into yardstick.metric_partials (period_type, series_id, period_start, organization_id, row_count)
select k.period_type, s.series_id, k.day, s.organization_id, 1
from yardstick.metric_series as s
inner join yardstick.metric_measures as m on m.id = s.measure_id and m.state_kind = 'sums'
cross join (
    select 1 as period_type, date '2026-03-02' + 2 * n as day from generate_series(0, 4) as n
    union all
    select 2, date '2026-03-02'
) as k;

create function pg_temp.share(kind text, period_type integer, low date, high date) returns numeric language sql as $share$
    select round(s.share::numeric, 4)
    from yardstick_engine.share_of_periods(array(select m.id from yardstick.metric_measures as m where m.state_kind = $1), $2, $3, $4) as s (share)
$share$;

select is(pg_temp.share('sums', 1, '2026-03-02', '2026-03-11'), 0.5, 'finds the share of the days that have states');
select is(pg_temp.share('sums', 1, '2026-03-02', '2026-03-02'), 1.0, 'finds a day that has one');
select is(pg_temp.share('sums', 1, '2026-03-03', '2026-03-03'), 0.0, 'finds a day that has none');
select is(pg_temp.share('sums', 1, '2026-03-01', '2026-06-08'), 0.05, 'counts days before and after');
select is(pg_temp.share('sums', 2, '2026-03-02', '2026-03-23'), 0.25, 'counts other periods by their length');
select is(pg_temp.share('sums', 3, '2026-03-01', '2026-05-01'), 0.0, 'keeps windows apart');
select is(pg_temp.share('list', 1, '2026-03-02', '2026-03-11'), null, 'says nothing where no series keeps sums');
delete from yardstick.metric_series;
select is(pg_temp.share('sums', 1, '2026-03-02', '2026-03-11'), null, 'says nothing where no series is');

select * from finish();
rollback;
