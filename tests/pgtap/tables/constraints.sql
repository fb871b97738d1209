begin;
\ir ../two_organizations.psql
select plan(60);

insert into yardstick.metric_sources (organization_id, source_name, relation, time_column)
values (:'acme', 'things', 'host.things', 'at') returning id as source \gset
insert into yardstick.metric_definitions (organization_id, metric_name, display_name, calculation_method, data_sources)
values (:'acme', 'things', 'Things', 'manual', '{}') returning id as metric \gset
insert into yardstick.metric_definitions (organization_id, metric_name, display_name, calculation_method, data_sources)
values (:'acme', 'others', 'Others', 'manual', '{}') returning id as other \gset
insert into yardstick.analytics_dashboards (organization_id, dashboard_name, dashboard_type, layout_config)
values (:'acme', 'Board', 'custom', '{}') returning id as board \gset
insert into yardstick.metric_alerts (organization_id, alert_name, metric_id, alert_type, condition_config)
values (:'acme', 'Alert', :'metric', 'threshold', '{}') returning id as alert \gset
insert into yardstick.report_templates (organization_id, name, report_type, config)
values (:'acme', 'Report', 'custom', '{}') returning id as template \gset
insert into yardstick.report_instances (organization_id, template_id, file_format)
values (:'acme', :'template', 'pdf') returning id as instance \gset
insert into yardstick.scheduled_reports (organization_id, name, template_id, schedule_type)
values (:'acme', 'Report', :'template', 'manual') returning id as schedule \gset
insert into yardstick.dashboard_widgets (organization_id, dashboard_id, widget_name, widget_type, position, visualization_config)
values (:'acme', :'board', 'Widget', 'gauge', '{}', '{}') returning id as widget \gset
select yardstick.ensure_year_partitions(t.name, '2024-01-01', '2024-12-31')
from (values ('metric_calculations'), ('metric_snapshots'), ('analytics_metrics'), ('metric_partials')) as t (name)
\g /dev/null
insert into yardstick.metric_calculations (
    organization_id, metric_id, aggregation_level, aggregation_id, time_window, period_start, period_end,
    metric_version, calculation_timestamp, metric_value
)
values (:'acme', :'metric', 'org', :'acme', 'monthly', '2024-03-01+00', '2024-04-01+00', 1, now(), 1);
insert into yardstick.metric_snapshots (
    organization_id, metric_id, aggregation_level, aggregation_id, snapshot_type, snapshot_date, metric_value
)
values (:'acme', :'metric', 'org', :'acme', 'monthly', '2024-03-31', 1);
insert into yardstick.analytics_metrics (organization_id, metric_name, metric_category, value, measurement_date)
values (:'acme', 'thing', 'quality', 1, '2024-03-01+00');
insert into yardstick.metric_partials (period_type, series_id, period_start, organization_id, row_count, value_sum, value_min, value_max)
values (1, 1, '2024-03-01', :'acme', 2, 3, 1, 2), (5, 1, '2024-01-01', :'acme', 2, 3, 1, 2);
insert into yardstick.metric_alert_history (
    organization_id, alert_id, aggregation_level, aggregation_id, time_window, period_start, period_end, severity_at_trigger
)
values (:'acme', :'alert', 'org', :'acme', 'monthly', '2024-03-01+00', '2024-04-01+00', 'info');

-- Each in a line: the table, what is set in its row, and the rule that speaks.
create function pg_temp.refusal(table_name text, assignment text)
returns text
language plpgsql
as $refusal$
declare
    rule text;
begin
    execute format('update yardstick.%I set %s', table_name, assignment);
    return 'taken';
exception when check_violation or unique_violation or generated_always then
    get stacked diagnostics rule = constraint_name;
    return coalesce(nullif(rule, ''), sqlerrm);
end
$refusal$;

select is(pg_temp.refusal(r.table_name, r.assignment), r.rule, format('%s refuses %s', r.table_name, r.assignment))
from (values
    ('organizations', 'week_start = 0', 'organizations_weeks_start_on_a_weekday'),
    ('organizations', 'fiscal_year_start_month = 13', 'organizations_years_start_in_a_month'),
    ('metric_sources', 'lookback = ''-1 day''', 'sources_look_back_in_time'),
    ('metric_definitions', 'metric_category = ''fun''', 'definitions_category_is_known'),
    ('metric_definitions', 'metric_type = ''median''', 'definitions_type_is_known'),
    ('metric_definitions', 'calculation_method = ''guess''', 'definitions_method_is_known'),
    ('metric_definitions', 'aggregation_levels = ''{org,galaxy}''', 'definitions_levels_are_known'),
    ('metric_definitions', 'time_windows = ''{hourly}''', 'definitions_windows_are_known'),
    ('metric_definitions', 'direction = ''sideways''', 'definitions_direction_is_known'),
    ('metric_definitions', 'refresh_frequency = ''yearly''', 'definitions_frequency_is_known'),
    ('metric_definitions', 'approval_status = ''maybe''', 'definitions_approval_is_known'),
    ('metric_definitions', 'data_sources = ''[]''', 'valid_data_sources'),
    ('metric_definitions', 'parameters = ''1''', 'valid_parameters'),
    ('metric_definitions', 'threshold_config = ''null''', 'valid_thresholds'),
    ('metric_definitions', 'target_value = ''NaN''', 'definitions_hold_numbers'),
    ('metric_definitions', 'target_low = 2, target_high = 1', 'definitions_target_range_has_an_inside'),
    ('metric_definitions', 'retention_days = 0', 'definitions_are_kept_a_while'),
    ('metric_definitions', 'metric_name = ''same''', 'definitions_are_named_once'),
    ('metric_calculations', 'metric_value = ''NaN''', 'calculations_hold_numbers'),
    ('metric_calculations', 'change_percentage = ''NaN''', 'calculations_hold_numbers'),
    ('metric_calculations', 'confidence_interval = ''[1,NaN]''', 'calculations_hold_numbers'),
    ('metric_calculations', 'metric_value = null', 'calculations_without_value_say_so'),
    ('metric_calculations', 'calculation_status = ''perhaps''', 'calculations_status_is_known'),
    ('metric_calculations', 'aggregation_level = ''own''', 'calculations_level_is_known'),
    ('metric_calculations', 'time_window = ''hourly''', 'calculations_window_is_known'),
    ('metric_calculations', 'period_start = ''2024-05-01+00''', 'valid_period'),
    ('metric_calculations', 'dimensions = ''[]''', 'valid_dimensions'),
    ('metric_calculations', 'metadata = ''[]''', 'valid_metadata'),
    ('metric_calculations', 'percentile_rank = 101', 'calculations_rank_in_percent'),
    ('metric_calculations', 'data_quality_score = 1.01', 'calculations_quality_is_a_share'),
    ('metric_snapshots', 'percentile_95 = ''NaN''', 'snapshots_hold_numbers'),
    ('metric_snapshots', 'snapshot_type = ''hourly''', 'snapshots_type_is_known'),
    ('metric_snapshots', 'trend = ''wobbly''', 'snapshots_trend_is_known'),
    ('metric_partials', 'value_sum = ''Infinity''', 'partials_hold_numbers'),
    ('metric_partials', 'value_min = ''-Infinity''', 'partials_hold_numbers'),
    ('metric_partials', 'value_max = ''NaN''', 'partials_hold_numbers'),
    ('metric_partials', 'row_count = -1', 'partials_count_rows'),
    ('analytics_metrics', 'value = ''NaN''', 'observations_hold_numbers'),
    ('analytics_metrics', 'metric_category = ''fun''', 'observations_category_is_known'),
    ('analytics_metrics', 'unit = ''furlong''', 'observations_unit_is_known'),
    ('analytics_metrics', 'module_name = ''erp''', 'observations_module_is_known'),
    ('analytics_metrics', 'confidence_level = 101', 'observations_confidence_is_a_percentage'),
    ('analytics_dashboards', 'filters_config = ''[]''', 'valid_filters'),
    ('analytics_dashboards', 'visibility = ''secret''', 'dashboards_visibility_is_known'),
    ('dashboard_widgets', 'widget_type = ''clock''', 'widgets_type_is_known'),
    ('dashboard_widgets', 'position = ''[]''', 'valid_position'),
    ('metric_alerts', 'alert_type = ''hunch''', 'alerts_type_is_known'),
    ('metric_alerts', 'severity = ''awful''', 'alerts_severity_is_known'),
    ('metric_alerts', 'condition_config = ''[]''', 'valid_condition'),
    ('metric_alert_history', 'threshold_value = ''NaN''', 'alert_history_hold_numbers'),
    ('scheduled_reports', 'schedule_type = ''cron''', 'scheduled_reports_say_when'),
    ('report_instances', 'status = ''lost''', 'report_instances_status_is_known'),
    ('report_templates', 'report_type = ''novel''', 'report_templates_type_is_known')
) as r (table_name, assignment, rule);

select throws_like(
    format($$update yardstick.analytics_dashboards set is_public = true$$), '%can only be updated to DEFAULT%',
    'is_public is written as visibility'
);
select throws_like(
    format($$
        insert into yardstick.metric_relationships (organization_id, parent_metric_id, child_metric_id, relationship_type)
        values (%1$L, %2$L, %2$L, 'depends_on')
    $$, :'acme', :'metric'), '%no_self_relationship%', 'a metric is not related to itself'
);
select throws_like(
    format($$
        insert into yardstick.dashboard_sharing (organization_id, dashboard_id, shared_with_type)
        values (%1$L, %2$L, 'everyone'), (%1$L, %2$L, 'everyone')
    $$, :'acme', :'board'), '%sharing_is_said_once%', 'a dashboard is shared with everyone once, though that names nobody'
);
select throws_like(
    format($$
        insert into yardstick.metric_alert_history (
            organization_id, alert_id, aggregation_level, aggregation_id, time_window, period_start, period_end, severity_at_trigger
        )
        values (%1$L, %2$L, 'org', %1$L, 'daily', '2024-03-01+00', '2024-03-02+00', 'info')
    $$, :'acme', :'alert'), '%alert_history_has_one_open_row%', 'an alert has one open row for a scope'
);
select throws_like(
    $$insert into yardstick.login_bindings (login_name, organization_id, kind) values ('tap_x', null, 'bound')$$,
    '%login_bindings_bind_to_something%', 'a bound login is bound to an organization'
);
select throws_like(
    format($$insert into yardstick.login_bindings (login_name, organization_id, kind) values ('tap_x', %L, 'bound'), ('tap_x', %L, 'bound')$$, :'acme', :'birch'),
    '%login_bindings_bound_logins_have_one%', 'a bound login is bound to one organization'
);
select isnt(
    (select c.id from yardstick.metric_calculations as c where c.metric_id = :'metric'), null,
    'a calculation has an identifier made from its key'
);

select * from finish();
rollback;
