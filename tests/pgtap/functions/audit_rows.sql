begin;
\ir ../audited_organizations.psql
select plan(31);
\set nil 00000000-0000-0000-0000-000000000000

select is(pg_temp.newest(:'acme', 1), 'insert login_binding', 'tells an organization which login was bound to it');
select is(pg_temp.newest(:'nil', 1), 'insert login_binding', 'tells the platform of a login that may serve every organization');

insert into yardstick.metric_definitions (organization_id, metric_name, display_name, calculation_method, data_sources, compiled)
values (:'acme', 'tap_m', 'M', 'external', '{}', '{"a": 1}')
returning id as metric \gset
select is(pg_temp.newest(:'acme'), 'insert metric_definition', 'records a definition');
select results_eq(
    format($$
        select l.subject_id, l.old_row, l.new_row ->> 'metric_name', l.new_row ? 'compiled'
        from yardstick.audit_log as l where l.organization_id = %L order by l.sequence_no desc limit 1
    $$, :'acme'),
    format($$ values (%L::text, null::jsonb, 'tap_m', false) $$, :'metric'), 'says what it is, without what the engine maintains'
);
select pg_temp.length(:'acme') as before \gset
update yardstick.metric_definitions set last_error = 'x', last_error_code = '22012', compiled = '{"a": 2}' where id = :'metric';
update yardstick.metric_definitions set display_name = display_name where id = :'metric';
select is(pg_temp.length(:'acme'), :before, 'leaves out what the engine maintains, and what changes nothing');
select set_config('timezone', 'Asia/Tokyo', true), set_config('extra_float_digits', '-5', true), set_config('datestyle', 'German', true) \g /dev/null
update yardstick.metric_definitions set display_name = 'N', last_error = null, deleted_at = '2026-01-01 00:00:00+00' where id = :'metric';
select results_eq(
    format($$
        select l.action, l.old_row ->> 'display_name', l.new_row ->> 'display_name', l.new_row ->> 'deleted_at'
        from yardstick.audit_log as l where l.organization_id = %L order by l.sequence_no desc limit 1
    $$, :'acme'),
    $$ values ('update', 'M', 'N', '2026-01-01T00:00:00+00:00') $$, 'says what it was and became, in UTC whatever the session has set'
);
select is_empty(format('select * from yardstick_api.verify_audit(%L)', :'acme'), 'hashes alike whatever the session has set');
reset timezone;
select is_empty(format('select * from yardstick_api.verify_audit(%L)', :'acme'), 'also in another session');

insert into yardstick.metric_definitions (metric_name, display_name, calculation_method, data_sources)
values ('tap_all', 'A', 'external', '{}')
returning id as everywhere \gset
select is(pg_temp.newest(:'nil'), 'insert metric_definition', 'records what is the platform''s in a chain of its own');

insert into yardstick.roles (organization_id, role_name) values (:'acme', 'tap_r') returning id as role \gset
select is(pg_temp.newest(:'acme'), 'insert role', 'records a role');
update yardstick.roles set may_approve = '{owner}' where id = :'role';
select is(pg_temp.newest(:'acme'), 'update role', 'records what a role may');
insert into yardstick.users (organization_id, user_name) values (:'acme', 'Una') returning id as una \gset
insert into yardstick.role_members (organization_id, role_id, user_id) values (:'acme', :'role', :'una');
select is(pg_temp.newest(:'acme'), 'insert role_member', 'records who holds a role');
delete from yardstick.role_members where role_id = :'role';
select is(pg_temp.newest(:'acme'), 'delete role_member', 'records who holds it no longer');
delete from yardstick.roles where id = :'role';
select is(pg_temp.newest(:'acme'), 'delete role', 'records a role that is gone');

insert into yardstick.metric_relationships (organization_id, parent_metric_id, child_metric_id, relationship_type)
values (:'acme', :'metric', :'everywhere', 'correlates_with');
select is(pg_temp.newest(:'acme'), 'insert metric_relationship', 'records a relationship');
insert into yardstick.metric_targets (organization_id, metric_id, effective_from, target_value, reason)
values (:'acme', :'metric', '2026-01-01', 5, 'board');
select is(pg_temp.newest(:'acme'), 'insert metric_target board', 'records a target with the reason that stands in it');
insert into yardstick.metric_alerts (organization_id, alert_name, metric_id, alert_type, condition_config)
values (:'acme', 'a', :'metric', 'threshold', '{}')
returning id as alert \gset
select is(pg_temp.newest(:'acme'), 'insert metric_alert', 'records an alert');
update yardstick.metric_alerts set last_triggered = now(), trigger_count = 3 where id = :'alert';
select is(pg_temp.newest(:'acme'), 'insert metric_alert', 'leaves out that it fired');
update yardstick.metric_alerts set severity = 'critical' where id = :'alert';
select is(pg_temp.newest(:'acme'), 'update metric_alert', 'records that it became critical');

insert into yardstick.analytics_dashboards (organization_id, dashboard_name, dashboard_type, layout_config)
values (:'acme', 'd', 'custom', '{}')
returning id as dashboard \gset
insert into yardstick.dashboard_sharing (organization_id, dashboard_id, shared_with_type) values (:'acme', :'dashboard', 'everyone');
select is(pg_temp.newest(:'acme'), 'insert dashboard_sharing', 'records a dashboard that is shared');
delete from yardstick.analytics_dashboards where id = :'dashboard';
select is(pg_temp.newest(:'acme'), 'delete dashboard_sharing', 'records what goes with something else');

insert into yardstick.metric_sources (organization_id, source_name, relation, time_column)
values (:'acme', 'tap_s', 'x.y', 'z')
returning id as source \gset
select is(pg_temp.newest(:'acme'), 'insert metric_source', 'records a source');
update yardstick.metric_sources set watermark_at = now() where id = :'source';
select is(pg_temp.newest(:'acme'), 'insert metric_source', 'leaves out how far it was read');
insert into yardstick.metric_functions (organization_id, function_name, routine) values (:'acme', 'f', 'a.b');
select is(pg_temp.newest(:'acme'), 'insert metric_function', 'records a function');

update yardstick.organizations set timezone = 'Asia/Tokyo' where id in (:'acme', :'birch');
select is(pg_temp.newest(:'acme'), 'update organization', 'records another calendar');
select is(pg_temp.newest(:'birch'), 'update organization', 'records what a statement does to two organizations in the chain of each');
update yardstick.metric_sources set organization_id = :'birch' where id = :'source';
select is(pg_temp.newest(:'acme'), 'update metric_source', 'tells an organization what left it');
select is(pg_temp.newest(:'birch'), 'update metric_source', 'and another what came to it');

select pg_temp.as_login('tap_acme_app', format('select yardstick_api.use_organization(%L, %L)', :'acme', :'una')) \g /dev/null
select pg_temp.as_login('tap_acme_app', 'select yardstick_api.use_reason(''new norm'')') \g /dev/null
select pg_temp.as_login('tap_acme_app', $$ select yardstick_api.sync_role('{"external_id": "r", "role_name": "Quality"}') $$) \g /dev/null
select is(pg_temp.newest(:'acme'), 'insert role new norm', 'takes the reason that was given for the transaction');
select results_eq(
    format('select l.login_name, l.user_id from yardstick.audit_log as l where l.organization_id = %L order by l.sequence_no desc limit 1', :'acme'),
    format('values (''tap_acme_app'', %L::uuid)', :'una'), 'names login and person'
);
select is_empty(
    format('select * from yardstick_api.verify_audit(%L) union all select * from yardstick_api.verify_audit(%L)', :'acme', :'birch'),
    'leaves chains that are whole'
);

select * from finish();
rollback;
