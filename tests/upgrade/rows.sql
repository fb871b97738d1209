-- What a kept dump holds: an organization, metrics of both shapes, an alert, values recorded and calculated.
begin;
select yardstick_api.sync_organization(
    '{"id": "00000000-0000-7000-8000-000000000001", "organization_name": "Upgraded", "timezone": "Europe/Berlin"}'
);
select yardstick_api.use_organization('00000000-0000-7000-8000-000000000001', null);
select yardstick_api.sync_department(
    '{"id": "00000000-0000-7000-8000-000000000002", "department_name": "Kept"}'
);
select yardstick_api.define_metric('{
    "metric_name": "incidents", "display_name": "Incidents", "metric_category": "risk", "metric_type": "count",
    "calculation_method": "aggregation", "data_sources": {"source": "analytics_metrics", "key": "incidents",
    "measures": {"incidents": {"agg": "sum"}}}, "aggregation_levels": ["org", "dept"],
    "time_windows": ["daily", "weekly", "monthly", "quarterly", "annual"], "direction": "lower_better",
    "refresh_frequency": "hourly", "target_value": 3
}');
select yardstick_api.define_metric('{
    "metric_name": "mean_incidents", "display_name": "Incidents a report", "metric_category": "risk", "metric_type": "ratio",
    "calculation_method": "aggregation", "data_sources": {"source": "analytics_metrics", "key": "incidents",
    "measures": {"total": {"agg": "sum"}, "reports": {"agg": "count"}}}, "calculation_formula": "total / reports",
    "aggregation_levels": ["org"], "time_windows": ["daily", "monthly"], "direction": "lower_better", "refresh_frequency": "hourly"
}');
select yardstick_api.create_alert('{
    "metric_name": "incidents", "alert_name": "Many incidents", "alert_type": "threshold", "severity": "warning",
    "condition_config": {"op": ">", "value": 4, "window": "daily"}
}');
select count(yardstick_api.record_value(
    'incidents', 1 + n % 5, timestamptz '2026-01-05 09:00+00' + n * interval '11 hours',
    department_id => case when n % 2 = 0 then '00000000-0000-7000-8000-000000000002'::uuid end
))
from generate_series(0, 99) as g (n);
commit;
