-- One row of everything for an organization, told apart by its name. Written by the superuser: what is tested is who reads it.
-- %(organization)s, %(name)s
with

organization as (

    select %(organization)s::uuid as id, %(name)s::text as name

),

department as (

    insert into yardstick.departments (organization_id, department_name)
    select id, name || ' department' from organization
    returning id

),

team as (

    insert into yardstick.teams (organization_id, team_name)
    select id, name || ' team' from organization
    returning id

),

person as (

    insert into yardstick.users (organization_id, user_name, email)
    select id, name || ' person', name || '@example.com' from organization
    returning id

),

role as (

    insert into yardstick.roles (organization_id, role_name)
    select id, name || ' role' from organization
    returning id

),

member as (

    insert into yardstick.role_members (organization_id, role_id, user_id)
    select organization.id, role.id, person.id from organization, role, person
    returning id

),

source as (

    insert into yardstick.metric_sources (organization_id, source_name, relation, time_column, is_active)
    select id, name || ' source', 'nowhere.' || name, 'at', false from organization
    returning id

),

measure as (

    insert into yardstick.metric_measures (id, organization_id, source_id, measure_key)
    select md5(organization.name)::uuid, organization.id, source.id, organization.name from organization, source
    returning id

),

definition as (

    insert into yardstick.metric_definitions (
        organization_id, metric_name, display_name, calculation_method, data_sources, aggregation_levels, direction, target_value
    )
    select id, name || '_metric', name || ' metric', 'manual', '{}', '{org,dept,team,user}', 'higher_better', 90 from organization
    returning id

),

other_definition as (

    insert into yardstick.metric_definitions (organization_id, metric_name, display_name, calculation_method, data_sources)
    select id, name || '_other', name || ' other', 'manual', '{}' from organization
    returning id

),

relationship as (

    insert into yardstick.metric_relationships (organization_id, parent_metric_id, child_metric_id, relationship_type)
    select organization.id, definition.id, other_definition.id, 'depends_on' from organization, definition, other_definition
    returning id

),

target as (

    insert into yardstick.metric_targets (organization_id, metric_id, effective_from, target_value, reason)
    select organization.id, definition.id, '2020-01-01', 90, organization.name from organization, definition
    returning id

),

series as (

    insert into yardstick.metric_series (organization_id, measure_id, aggregation_level, aggregation_id)
    select organization.id, measure.id, 'none', organization.id from organization, measure
    returning series_id

),

partial as (

    insert into yardstick.metric_partials (period_type, series_id, period_start, organization_id, row_count)
    select p.period_type, series.series_id, date '2026-01-01', organization.id, 1
    from organization, series, (values (1), (2), (3), (4), (5)) as p (period_type)
    returning series_id

),

dirty as (

    insert into yardstick.metric_dirty (organization_id, source_id, stage, measure_key, period_start)
    select organization.id, source.id, 'source', organization.name, '2026-01-01' from organization, source
    returning source_id

),

refresh as (

    insert into yardstick.metric_refreshes (organization_id, source_id, refresh_frequency, refreshed_to)
    select organization.id, source.id, 'daily', now() from organization, source
    returning source_id

),

metric_function as (

    insert into yardstick.metric_functions (organization_id, function_name, routine)
    select id, name || '_function', 'host.' || name || '_function' from organization

),

detail as (

    insert into yardstick.metric_details (organization_id, series_id, period_start, row_count)
    select organization.id, series.series_id, date '2026-01-01', 1 from organization, series

),

pending as (

    insert into yardstick.metric_pending (organization_id, metric_id, period_type, period_start)
    select organization.id, definition.id, 1, date '2026-01-01' from organization, definition

),

clock as (

    insert into yardstick.metric_clocks (organization_id, metric_id, refreshed_to)
    select organization.id, definition.id, now() from organization, definition

),

version as (

    insert into yardstick.metric_definition_versions (organization_id, metric_id, version, content, content_hash, created_by)
    select organization.id, definition.id, 1, c.content, yardstick.content_hash(c.content), person.id
    from organization, definition, person,
        lateral (select jsonb_build_object('metric_name', organization.name || '_metric', 'display_name', organization.name) as content) as c

),

policy as (

    insert into yardstick.approval_policies (organization_id, required_gates, reason)
    select id, '{}', name from organization

),

attempt as (

    insert into yardstick.sandbox_attempts (organization_id, metric_id, metric_version)
    select id, gen_random_uuid(), 1 from organization

),

cost as (

    insert into yardstick.metric_costs (organization_id, metric_id, cost_date, run_microseconds, row_count, slice_count, error_count)
    select organization.id, definition.id, current_date, 1, 1, 1, 0 from organization, definition

),

failure as (

    insert into yardstick.metric_failures (
        organization_id, metric_id, failure_count, error_code, error_message, first_failed_at, last_failed_at, retry_at
    )
    select organization.id, definition.id, 1, '22012', 'division by zero', now(), now(), now() from organization, definition

),

hold as (

    insert into yardstick.legal_holds (organization_id, metric_id, reason)
    select organization.id, definition.id, organization.name from organization, definition

),

mark as (

    insert into yardstick.retention_marks (organization_id, metric_id, kept_from, days_kept_from)
    select organization.id, definition.id, '2020-01-01', '2020-01-01' from organization, definition

),

look as (

    insert into yardstick.snapshot_looks (organization_id, is_due)
    select id, true from organization
    returning organization_id

),

change as (

    insert into yardstick.value_changes (organization_ids)
    select array[id] from organization
    returning organization_ids

),

slice as (

    insert into yardstick.snapshot_slices (organization_id, snapshot_type, slice_start, first_date, last_date)
    select id, 'monthly', '2026-01-01', '2026-01-01', '2026-01-01' from organization
    returning organization_id

),

calculation as (

    insert into yardstick.metric_calculations (
        organization_id, metric_id, aggregation_level, aggregation_id, time_window, period_start, period_end, metric_value,
        metric_version, calculation_timestamp, calculation_notes, target_value, variance_from_target
    )
    select
        organization.id, definition.id, scopes.level, scopes.id, 'monthly', p.starts_at, p.ends_at, 91, 1, now(), organization.name, 90, 1
    from organization, definition, department, team, person,
        lateral (values ('org', organization.id), ('dept', department.id), ('team', team.id), ('user', person.id)) as scopes (level, id),
        lateral (
            select date_trunc('month', now()) - interval '1 month' as starts_at, date_trunc('month', now()) as ends_at
        ) as p
    returning id

),

revision as (

    insert into yardstick.metric_calculation_revisions (
        organization_id, metric_id, aggregation_level, aggregation_id, time_window, period_start, period_end, superseded_at, cause,
        metric_version, calculation_timestamp, created_at, metric_value, calculation_status, calculation_notes
    )
    select
        organization.id, definition.id, 'org', organization.id, 'monthly', '2025-01-01', '2025-02-01', now(), 'late_data', 1, now(), now(), 90,
        'success', organization.name
    from organization, definition

),

snapshot as (

    insert into yardstick.metric_snapshots (
        organization_id, metric_id, aggregation_level, aggregation_id, snapshot_type, snapshot_date, metric_value
    )
    select organization.id, definition.id, 'org', organization.id, 'monthly', '2026-01-01', 91 from organization, definition
    returning id

),

observation as (

    insert into yardstick.analytics_metrics (organization_id, metric_name, metric_category, value, value_text, measurement_date)
    select id, name || '_metric', 'quality', 1, name, '2026-01-01' from organization
    returning id

),

dashboard as (

    insert into yardstick.analytics_dashboards (organization_id, dashboard_name, dashboard_type, layout_config, visibility)
    select organization.id, organization.name || v.suffix, 'custom', '{}', v.visibility
    from organization, (values (' dashboard', 'public'), (' private', 'private')) as v (suffix, visibility)
    returning id, visibility

),

widget as (

    insert into yardstick.dashboard_widgets (
        organization_id, dashboard_id, widget_name, widget_type, position, visualization_config, metric_ids
    )
    select organization.id, dashboard.id, organization.name || ' widget', 'text', '{}', '{}', array[definition.id]
    from organization, dashboard, definition
    returning id

),

sharing as (

    insert into yardstick.dashboard_sharing (organization_id, dashboard_id, shared_with_type)
    select organization.id, dashboard.id, 'everyone' from organization, dashboard
    returning id

),

alert as (

    insert into yardstick.metric_alerts (organization_id, alert_name, metric_id, alert_type, condition_config, recipient_users)
    select organization.id, organization.name || ' alert', definition.id, 'threshold', '{}', array[person.id]
    from organization, definition, person
    returning id

),

incident as (

    insert into yardstick.metric_alert_history (
        organization_id, alert_id, aggregation_level, aggregation_id, time_window, period_start, period_end, severity_at_trigger,
        resolution_notes
    )
    select organization.id, alert.id, 'org', organization.id, 'monthly', now(), now(), 'warning', organization.name
    from organization, alert
    returning id

),

alert_state as (

    insert into yardstick.metric_alert_states (organization_id, alert_id, aggregation_level, aggregation_id, state, since)
    select organization.id, alert.id, 'org', organization.id, 'firing', now() from organization, alert
    returning alert_id

),

template as (

    insert into yardstick.report_templates (organization_id, name, report_type, config, visibility)
    select id, name || ' report', 'custom', '{}', 'public' from organization
    returning id

),

schedule as (

    insert into yardstick.scheduled_reports (organization_id, name, template_id, schedule_type)
    select organization.id, organization.name || ' schedule', template.id, 'manual' from organization, template
    returning id

),

report as (

    insert into yardstick.report_instances (organization_id, template_id, file_format, file_name)
    select organization.id, template.id, 'pdf', organization.name || '.pdf' from organization, template
    returning id

)

insert into yardstick.analytics_cache (organization_id, cache_key, data, expires_at)
select id, name, '{}', now() from organization
