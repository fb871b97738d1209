begin;
\ir ../two_organizations.psql
select plan(5);

insert into yardstick.metric_definitions (organization_id, metric_name, display_name, calculation_method, data_sources)
values (:'acme', 'm', 'M', 'manual', '{}')
returning id as metric \gset
insert into yardstick.metric_definitions (metric_name, display_name, calculation_method, data_sources)
values ('everywhere', 'M', 'manual', '{}')
returning id as everywhere \gset
insert into yardstick.metric_alerts (organization_id, alert_name, metric_id, alert_type, condition_config)
values (:'acme', 'a', :'metric', 'threshold', '{}')
returning id as alert \gset
select yardstick.ensure_year_partitions('metric_calculations', '2025-01-01', '2025-12-31') \g /dev/null
insert into yardstick.metric_calculations (
    organization_id, metric_id, aggregation_level, aggregation_id, time_window, period_start, period_end, metric_value,
    metric_version, calculation_timestamp
)
values (:'birch', :'everywhere', 'org', :'birch', 'monthly', '2025-01-01', '2025-02-01', 1, 1, now());
insert into yardstick.metric_alert_history (
    organization_id, alert_id, aggregation_level, aggregation_id, time_window, period_start, period_end, severity_at_trigger
)
values (:'acme', :'alert', 'org', :'acme', 'monthly', '2025-01-01', '2025-02-01', 'info');

select throws_ok(
    format('delete from yardstick.metric_definitions where id = %L', :'everywhere'), 'YS007',
    format('metric %s has recorded results and cannot be deleted; retire it instead', :'everywhere'),
    'keeps a metric that has values, in whichever organization'
);
select throws_ok(
    format('delete from yardstick.metric_alerts where id = %L', :'alert'), 'YS007', null, 'keeps an alert that has history'
);
select throws_ok(
    format('delete from yardstick.metric_definitions where id = %L', :'metric'), 'YS007', null,
    'keeps a metric whose alert has history'
);
delete from yardstick.metric_alert_history;
select lives_ok(format('delete from yardstick.metric_definitions where id = %L', :'metric'), 'lets go what left no evidence');
select is_empty(format('select 1 from yardstick.metric_alerts where id = %L', :'alert'), 'lets its alerts go with it');

select * from finish();
rollback;
