begin;
select plan(12);
\ir ../two_organizations.psql

select pg_temp.as_login('tap_dba', $$select yardstick_api.define_metric('{"metric_name": "seen", "display_name": "Seen", "calculation_method": "aggregation",
    "data_sources": {"source": "analytics_metrics", "key": "seen", "measures": {"n": {"agg": "count"}}}, "time_windows": ["daily"]}')$$) as seen,
pg_temp.call('tap_birch_app', :'birch', $$select yardstick_api.define_metric('{"metric_name": "own", "display_name": "Own", "calculation_method": "aggregation",
    "data_sources": {"source": "analytics_metrics", "key": "seen", "measures": {"n": {"agg": "count"}}}, "time_windows": ["daily"]}')$$) as own
\gset
select yardstick.ensure_year_partitions('yardstick.metric_calculations', '2026-01-01', '2026-12-31') \g /dev/null
select yardstick.ensure_year_partitions('yardstick.analytics_metrics', '2026-01-01', '2026-12-31') \g /dev/null
-- As the engine would have left them: one row a day, and none of its own work.
insert into yardstick.analytics_metrics (organization_id, metric_name, metric_category, measurement_date, value)
select o.id, 'seen', 'quality', day::timestamp at time zone o.timezone + interval '12 hours', 1
from yardstick.organizations as o
cross join generate_series(timestamp '2026-03-02', '2026-03-06', '1 day') as day;
delete from yardstick.source_changes;
delete from yardstick.metric_dirty;
delete from yardstick.calculation_slices;
insert into yardstick.metric_series (organization_id, measure_id, aggregation_level, aggregation_id)
select o.id, m.measure_id, 'none', o.id
from yardstick.organizations as o
cross join yardstick.metric_definitions as d
cross join yardstick_engine.metric_measure_ids(d.id) as m (measure_id)
where d.organization_id is null or d.organization_id = o.id;
select yardstick.ensure_year_partitions('yardstick.metric_partials', '2026-01-01', '2026-12-31') \g /dev/null
insert into yardstick.metric_partials (period_type, series_id, period_start, organization_id, row_count)
select 1, s.series_id, day::date, s.organization_id, 1
from yardstick.metric_series as s
cross join generate_series(timestamp '2026-03-02', '2026-03-06', '1 day') as day;
insert into yardstick.metric_calculations (
    organization_id, metric_id, aggregation_level, aggregation_id, time_window, period_start, period_end, metric_value, sample_size, metric_version, calculation_timestamp
)
select o.id, d.id, 'org', o.id, 'daily', day::timestamp at time zone o.timezone, (day + interval '1 day')::timestamp at time zone o.timezone, 1, 1, 1, now()
from yardstick.organizations as o
cross join yardstick.metric_definitions as d
cross join generate_series(timestamp '2026-03-02', '2026-03-06', '1 day') as day
where d.organization_id is null or d.organization_id = o.id;

create function pg_temp.said(metric_name text, sample integer default 20) returns text language sql as $said$
    select format(
        $$select string_agg(format('%%s: %%s of %%s', o.organization_name, o.equal_count, o.row_count), '; ' order by o.organization_name)
        from (
            select coalesce(n.organization_name, '?') as organization_name, count(*) as row_count, count(*) filter (where v.is_equal) as equal_count
            from yardstick_api.verify_rollup(%L, %s, 1) as v
            left join (values (%L::uuid, 'Acme'), (%L::uuid, 'Birch')) as n (id, organization_name) on n.id = v.aggregation_id
            group by 1
        ) as o$$,
        said.metric_name, said.sample, (select o.id from yardstick.organizations as o where o.external_id = 'tap-acme'),
        (select o.id from yardstick.organizations as o where o.external_id = 'tap-birch')
    )
$said$;

select is(pg_temp.as_login('tap_dba', pg_temp.said('seen')), 'Acme: 5 of 5; Birch: 5 of 5', 'verifies a metric of the platform for every organization, asked by a DBA');
select is(pg_temp.call('tap_acme_app', :'acme', pg_temp.said('seen')), 'Acme: 5 of 5', 'verifies it for an application''s own organization alone');
select is(pg_temp.call('tap_any_app', :'birch', pg_temp.said('own')), 'Birch: 5 of 5', 'verifies a metric of an organization''s own');
select is(left(pg_temp.call('tap_acme_app', :'acme', pg_temp.said('own')), 5), 'YS003', 'does not know another organization''s metric');
select is(left(pg_temp.as_login('tap_dba', pg_temp.said('own')), 5), 'YS003', 'wants a DBA to choose the organization of such a metric');
select is(left(pg_temp.as_login('tap_any_app', pg_temp.said('seen')), 5), 'YS004', 'wants an application to choose one');
select is(left(pg_temp.as_login('tap_acme_bi', pg_temp.said('seen')), 5), '42501', 'is not for BI');
select is(left(pg_temp.as_login('tap_stranger', pg_temp.said('seen')), 5), 'YS004', 'is not for a login that nobody bound');
select is(
    pg_temp.call('tap_acme_app', :'acme', pg_temp.said('seen', 0)), 'YS006 sample: must be a whole number from 1 to 1000', 'refuses a sample of nothing'
);

update yardstick.metric_calculations set metric_value = 2
where organization_id = :'birch' and metric_id = :'seen' and period_start = timestamp '2026-03-04' at time zone 'America/New_York';
select is(pg_temp.as_login('tap_dba', pg_temp.said('seen')), 'Acme: 5 of 5; Birch: 4 of 5', 'finds a value that was changed');
update yardstick.metric_partials set row_count = 2 where organization_id = :'acme' and period_start = '2026-03-03';
select is(
    pg_temp.call('tap_acme_app', :'acme', $$select string_agg(v.detail, '; ') from yardstick_api.verify_rollup('seen') as v where not v.is_equal$$),
    'the states stored for its days say 2, -, -, - where the source gives 1 (rows, sum, smallest, largest)', 'finds a state that was changed, and says how'
);
insert into yardstick.metric_dirty (organization_id, source_id, stage, period_start)
select :'acme', d.source_id, 'source', '2026-03-03' from yardstick.metric_definitions as d where d.id = :'seen';
select is(pg_temp.call('tap_acme_app', :'acme', pg_temp.said('seen')), 'Acme: 4 of 4', 'leaves out what waits to be calculated');

select * from finish();
rollback;
