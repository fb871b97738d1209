begin;
\ir ../two_organizations.psql
select plan(2);
select yardstick.ensure_year_partitions('analytics_metrics', '2026-01-01', '2026-12-31') \g /dev/null
insert into yardstick.departments (organization_id, department_name) values (:'acme', 'Plant') returning id as plant \gset
insert into yardstick.analytics_metrics (organization_id, metric_name, metric_category, value, measurement_date, department_id, is_deleted)
values
(:'acme', 'cost', 'quality', 12.5, '2026-03-01', :'plant', false), (:'acme', 'cost', 'quality', 99, '2026-03-02', null, true),
(:'birch', 'cost', 'quality', 7, '2026-03-01', null, false);

select is(
    pg_temp.as_login('tap_acme_bi', 'select string_agg(concat_ws('' '', metric_name, observed_value, department_name), '','') from yardstick_bi.observations'),
    'cost 12.5 Plant', 'shows what was recorded and not deleted'
);
select is(
    pg_temp.as_login('tap_birch_bi', 'select string_agg(observed_value::text, '','') from yardstick_bi.observations'), '7',
    'shows each organization its own'
);
select * from finish();
rollback;
