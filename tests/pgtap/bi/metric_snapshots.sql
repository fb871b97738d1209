begin;
\ir ../some_values.psql
select plan(2);
select yardstick.ensure_year_partitions('metric_snapshots', '2026-01-01', '2026-12-31') \g /dev/null
insert into yardstick.metric_snapshots (
    organization_id, metric_id, aggregation_level, aggregation_id, snapshot_type, snapshot_date, metric_value, percentile_95, trend,
    month_over_month_change
)
values
(:'acme', :'up', 'dept', :'plant', 'monthly', '2026-01-01', 91.5, 99, 'improving', -2.5),
(:'birch', :'everywhere', 'org', :'birch', 'monthly', '2026-01-01', 1, 1, null, null);

select is(
    pg_temp.as_login('tap_acme_bi', $$
        select string_agg(concat_ws(' ', metric_name, scope_name, snapshot_date, metric_value, percentile_95, trend, month_over_month_pct), ',')
        from yardstick_bi.metric_snapshots
    $$), 'tap_up Plant 2026-01-01 91.5 99 improving -2.5', 'shows the value of a window with its spread, change and trend'
);
select is(
    pg_temp.as_login('tap_birch_bi', 'select string_agg(metric_name, '','') from yardstick_bi.metric_snapshots'), 'tap_everywhere',
    'shows each organization its own'
);
select * from finish();
rollback;
