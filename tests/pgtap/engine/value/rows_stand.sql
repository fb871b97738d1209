begin;
\ir ../../two_organizations.psql

select plan(7);

select pg_temp.call('tap_acme_app', :'acme', $$
    select yardstick_api.define_metric('{
        "metric_name": "tap_cost", "display_name": "Cost", "calculation_method": "aggregation", "aggregation_levels": ["org", "dept"],
        "data_sources": {"source": "analytics_metrics", "key": "tap_cost", "measures": {"cost": {"agg": "sum"}}}}')
$$) as metric
\gset
select yardstick.ensure_year_partitions('yardstick.metric_calculations', '2025-01-01', '2027-12-31');
insert into yardstick.metric_calculations (
    organization_id, metric_id, aggregation_level, aggregation_id, time_window, period_start, period_end, metric_version,
    calculation_timestamp, metric_value
)
select :'acme', :'metric', 'org', :'acme', 'daily', k.starts_at, k.starts_at + interval '1 day', 1, now(), 1
from (
    select d.day::timestamp at time zone o.timezone as starts_at
    from (values (date '2026-03-04'), (date '2026-03-20')) as d (day)
    cross join yardstick.organizations as o
    where o.id = :'acme'
) as k;

create function pg_temp.stand(organization uuid, metric uuid, low date, high date, is_later boolean, period_type integer default 1)
returns boolean
language sql
return yardstick_engine.rows_stand(array[$2], $6, array[$1, $1], $3, $4, $5);

select ok(pg_temp.stand(:'acme', :'metric', '2026-03-01', '2026-03-04', true), 'finds the row of a touched day');
select ok(pg_temp.stand(:'acme', :'metric', '2026-03-10', '2026-03-12', true), 'finds rows of later days');
select ok(not pg_temp.stand(:'acme', :'metric', '2026-03-21', '2026-03-25', true), 'does not take those before for later ones');
select ok(pg_temp.stand(:'acme', :'metric', '2026-03-05', '2026-03-06', false), 'finds the day before the first');
select ok(not pg_temp.stand(:'acme', :'metric', '2026-03-10', '2026-03-12', false), 'does not care for days further back');
select ok(not pg_temp.stand(:'birch', :'metric', '2026-03-01', '2026-03-04', true), 'keeps organizations apart');
select ok(not pg_temp.stand(:'acme', :'metric', '2026-03-01', '2026-03-04', true, 2), 'keeps windows apart');

select * from finish();
rollback;
