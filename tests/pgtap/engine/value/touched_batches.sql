begin;
\ir ../../two_organizations.psql

select plan(6);

select pg_temp.call('tap_acme_app', :'acme', $$
    select yardstick_api.define_metric('{
        "metric_name": "tap_cost", "display_name": "Cost", "calculation_method": "aggregation", "aggregation_levels": ["org", "dept"], "time_windows": ["daily"],
        "data_sources": {"source": "analytics_metrics", "key": "tap_cost", "measures": {"cost": {"agg": "sum"}}}}')
$$) as metric
\gset
select (d.compiled -> 'measures' -> 'cost' ->> 'measure_id') as measure from yardstick.metric_definitions as d where d.id = :'metric'
\gset
select yardstick.ensure_year_partitions('yardstick.metric_calculations', '2026-01-01', '2026-12-31');
insert into yardstick.metric_calculations (
    organization_id, metric_id, aggregation_level, aggregation_id, time_window, period_start, period_end, metric_version,
    calculation_timestamp, metric_value
)
select :'acme', :'metric', 'org', :'acme', 'daily', k.starts_at, k.starts_at + interval '1 day', 1, now(), 1
from (select date '2026-03-04'::timestamp at time zone o.timezone as starts_at from yardstick.organizations as o where o.id = :'acme') as k;

create function pg_temp.batches(measure uuid, organization uuid, days date[])
returns table (batch bigint, starts date[], cells date[], causes text[])
language sql
begin atomic
    select b.number, b.batch_starts, b.metric_starts, b.batch_causes
    from yardstick_engine.touched_batches(
        array[$1], 1, array_fill($2, array[cardinality($3)]), $3, array_fill('late_data'::text, array[cardinality($3)]), '{}',
        array_fill($1, array[cardinality($3)]), array_fill($2, array[cardinality($3)]), array_fill(1, array[cardinality($3)]), $3
    ) with ordinality as b (
        metric_ids, batch_organizations, batch_starts, batch_causes, batch_metrics, metric_organizations, metric_starts, number
    );
end;

select is(
    (select array_agg(d.day order by d.day) from pg_temp.batches(:'measure', :'acme', '{2026-03-06, 2026-03-03, 2026-03-05}') as b, unnest(b.cells) as d (day)),
    '{2026-03-03, 2026-03-05, 2026-03-06}', 'gives each touched cell once'
);
select is(
    (select count(*) from pg_temp.batches(:'measure', :'acme', '{2026-03-06, 2026-03-03, 2026-03-05}')),
    1::bigint, 'takes few cells together'
);

create or replace function yardstick_engine.fresh_bound() returns integer language sql immutable as 'select 3';
select results_eq(
    format('select array(select u from unnest(b.starts) as u order by 1) from pg_temp.batches(%L, %L, %L) as b order by b.batch', :'measure', :'acme', '{2026-03-06,2026-03-03,2026-03-05}'),
    $$ values ('{2026-03-03}'::date[]), ('{2026-03-05, 2026-03-06}') $$, 'of many, takes the days after the last row apart, and after those before'
);
select results_eq(
    format('select array(select u from unnest(b.cells) as u order by 1), cardinality(b.causes) from pg_temp.batches(%L, %L, %L) as b order by b.batch', :'measure', :'acme', '{2026-03-06,2026-03-03,2026-03-05}'),
    $$ values ('{2026-03-03}'::date[], 1), ('{2026-03-05, 2026-03-06}', 2) $$, 'gives each batch its own cells and causes'
);
select is(
    (select count(*) from pg_temp.batches(:'measure', :'acme', '{2026-03-03, 2026-03-04, 2026-03-02}')), 1::bigint,
    'where rows stand of all days, takes them together'
);
select is(
    (select count(*) from pg_temp.batches(:'measure', :'birch', '{2026-03-03, 2026-03-04, 2026-03-05}')), 1::bigint,
    'where nothing stands, takes them together'
);

select * from finish();
rollback;
