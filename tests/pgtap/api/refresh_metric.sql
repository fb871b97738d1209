begin;
\ir ../two_organizations.psql

select plan(7);
select pg_temp.call('tap_acme_app', :'acme', $$
    select yardstick_api.define_metric('{
        "metric_name": "tap_cost", "display_name": "Cost", "metric_category": "financial", "metric_type": "sum",
        "calculation_method": "aggregation", "data_sources": {"source": "analytics_metrics", "key": "tap_cost",
        "measures": {"cost": {"agg": "sum"}}}, "aggregation_levels": ["org"], "time_windows": ["daily"],
        "direction": "lower_better", "refresh_frequency": "on_demand"}')
$$) as metric
\gset

create function pg_temp.refresh(from_time text, to_time text)
returns text
language sql
as $refresh$
    select pg_temp.call('tap_acme_app', o.id::text, format('select yardstick_api.refresh_metric(%L, %L, %L)', 'tap_cost', $1, $2))
    from yardstick.organizations as o
    where o.external_id = 'tap-acme'
$refresh$;

select is(pg_temp.refresh('2026-03-02 12:00+00', '2026-03-08 12:00+00'), '1', 'queues the one week that holds both times');
select is(pg_temp.refresh('2026-03-02 12:00+00', '2026-03-08 23:30+00'), '2', 'reckons weeks on the organization''s clock');
select is(
    (select array_agg(s.period_start order by s.period_start) from yardstick.calculation_slices as s where s.period_type = 2),
    array['2026-03-02', '2026-03-09']::date[], 'leaves one row for each week to calculate'
);
select is(pg_temp.refresh('2026-03-08 12:00+00', '2026-03-02 12:00+00'), 'YS001 from_time must be at or before to_time, and neither null', 'refuses times in the wrong order');
select is(pg_temp.refresh(null, '2026-03-02 12:00+00'), 'YS001 from_time must be at or before to_time, and neither null', 'refuses a time that is null');
select matches(pg_temp.refresh('1800-01-01 00:00+00', '2026-03-02 12:00+00'), '^YS006 from_time and to_time must lie between 1990 and', 'refuses a time before 1990');
select matches(pg_temp.refresh('2026-03-02 12:00+00', 'infinity'), '^YS006 from_time and to_time must lie between 1990 and', 'refuses infinity');
select * from finish();
rollback;
