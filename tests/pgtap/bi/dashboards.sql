begin;
\ir ../two_organizations.psql
select plan(4);
insert into yardstick.analytics_dashboards (organization_id, dashboard_name, dashboard_type, layout_config, visibility, is_active)
values
(:'acme', 'Open', 'custom', '{}', 'public', true), (:'acme', 'Mine', 'custom', '{}', 'private', true),
(:'acme', 'Old', 'custom', '{}', 'public', false), (null, 'Platform', 'system', '{}', 'public', true),
(:'birch', 'Theirs', 'custom', '{}', 'public', true);
insert into yardstick.dashboard_widgets (organization_id, dashboard_id, widget_name, widget_type, position, visualization_config)
select organization_id, id, dashboard_name || ' widget', 'text', '{}', '{}' from yardstick.analytics_dashboards;
insert into yardstick.report_templates (organization_id, name, report_type, config, visibility)
values (:'acme', 'Open', 'custom', '{}', 'public'), (:'acme', 'Mine', 'custom', '{}', 'private'), (:'birch', 'Theirs', 'custom', '{}', 'public');
insert into yardstick.report_instances (organization_id, template_id, file_format)
select organization_id, id, 'pdf' from yardstick.report_templates where organization_id is not null;

create function pg_temp.names(login text, column_name text, view text)
returns text
language sql
as $names$
    select pg_temp.as_login(login, format('select string_agg(%1$I, '', '' order by %1$I) from yardstick_bi.%2$I', column_name, view))
$names$;

select is(pg_temp.names('tap_acme_bi', 'dashboard_name', 'dashboards'), 'Open, Platform', 'shows what everybody may see, and the platform''s');
select is(pg_temp.names('tap_acme_bi', 'widget_name', 'widgets'), 'Open widget, Platform widget', 'shows the widgets of those alone');
select is(pg_temp.names('tap_acme_bi', 'report_name', 'reports'), 'Open', 'shows the reports that everybody may see');
select is(pg_temp.names('tap_stranger', 'dashboard_name', 'dashboards'), 'Platform', 'shows a stranger the platform''s alone');
select * from finish();
rollback;
