begin;
select plan(41);

select throws_ok($$select yardstick_api.record_value('x', 1)$$, 'YS004', null, 'asks for the organization');
create temp table tenants (name text, id uuid);
insert into tenants values
('acme', yardstick_api.sync_organization('{"external_id": "record-acme", "organization_name": "Acme", "timezone": "America/New_York"}')),
('blue', yardstick_api.sync_organization('{"external_id": "record-blue", "organization_name": "Blue"}'));
create role record_value_app login;
grant yardstick_app to record_value_app;
select lives_ok($$select yardstick_api.bind_login('record_value_app', null, 'trusted')$$, 'has an application');
grant select on tenants to record_value_app;
select lives_ok($$select yardstick_api.use_organization(id, null) from tenants where name = 'blue'$$, 'works for Blue');
create temp table people (name text, id uuid);
create temp table made (id uuid);
grant all on people, made to record_value_app;
insert into people values ('of blue', yardstick_api.sync_department('{"external_id": "d", "department_name": "Filling"}'));
select lives_ok($$select yardstick_api.use_organization(id, null) from tenants where name = 'acme'$$, 'works for Acme');
insert into people values ('dept', yardstick_api.sync_department('{"external_id": "d", "department_name": "Filling"}'));
insert into people values ('team', yardstick_api.sync_team('{"external_id": "t", "team_name": "Night"}'));
insert into people values ('user', yardstick_api.sync_user('{"external_id": "u", "user_name": "Ada"}'));
select lives_ok($$select yardstick_api.define_metric('{"metric_name": "complaints", "display_name": "x", "metric_category": "quality", "unit_of_measure": "count",
    "calculation_method": "aggregation", "data_sources": {"source": "analytics_metrics", "key": "customer_complaints", "measures": {"n": {"agg": "sum"}}}}')$$, 'has a metric of observations');

set local session authorization record_value_app;
select lives_ok($$select yardstick_api.use_organization(t.id, p.id) from tenants as t, people as p where t.name = 'acme' and p.name = 'user'$$, 'works for Acme as Ada');

insert into made
select yardstick_api.record_value(
    'customer_complaints', 3, '2026-03-01 03:30:00+00',
    (select id from people where name = 'dept'), (select id from people where name = 'team'), (select id from people where name = 'user'),
    null, 'batch', '4711', 'counted by hand', '{"line": 2}'
);
select isnt((select id from made), null, 'gives an id');
reset session authorization;
select results_eq(
    $$select a.metric_name::text, a.metric_category, a.value, a.unit, a.entity_type::text, a.entity_id, a.measurement_date, a.tags, a.organization_id, a.created_by
    from yardstick.analytics_metrics as a inner join made using (id)$$,
    $$select 'customer_complaints', 'quality', 3.0000, 'count', 'batch', '4711', timestamptz '2026-03-01 03:30:00+00', '{"line": 2, "reason": "counted by hand"}'::jsonb,
        t.id, p.id from tenants as t, people as p where t.name = 'acme' and p.name = 'user'$$,
    'stores the observation, its subject taken from the metric that reads it'
);
select yardstick_engine.take_changes() \g /dev/null
select results_eq(
    $$select d.organization_id, s.source_name, d.stage, d.measure_key, d.period_start from yardstick.metric_dirty as d
    inner join yardstick.metric_sources as s on d.source_id = s.id$$,
    $$select t.id, 'analytics_metrics', 'source', 'customer_complaints', date '2026-02-28' from tenants as t where t.name = 'acme'$$,
    'marks its day on the organization''s calendar as changed'
);

set local session authorization record_value_app;
select is(
    yardstick_api.record_value('a', 1, id => '00000000-0000-4000-8000-000000000001'), '00000000-0000-4000-8000-000000000001', 'keeps an id that is given'
);
select is(
    yardstick_api.record_value('a', 2, '2020-01-01', id => '00000000-0000-4000-8000-000000000001'), '00000000-0000-4000-8000-000000000001',
    'gives it again when the same comes twice'
);
select isnt(yardstick_api.record_value('b', 99999999999.9999, '1990-01-01 00:00:00+00'), null, 'takes the largest number and the oldest date');
select isnt(yardstick_api.record_value('b', null, value_text => 'passed'), null, 'takes a text instead of a number');
select isnt(yardstick_api.record_value('b', 0.00004), null, 'rounds to 4 decimal places');

select throws_ok(format('select yardstick_api.record_value(%s)', refused.arguments), refused.code, null, format('refuses record_value(%s)', refused.arguments))
from (
    values
    ('''a'', ''NaN''', 'YS006'), ('''a'', ''Infinity''', 'YS006'), ('''a'', ''-Infinity''', 'YS006'), ('''a'', 100000000000', 'YS006'),
    ('''a'', -1e30', 'YS006'), ('''a'', 99999999999.99999', 'YS006'), ('''a'', null', 'YS001'), ('null, 1', 'YS001'), ('''  '', 1', 'YS001'),
    ('repeat(''a'', 101), 1', 'YS006'), ('''a'', 1, ''1989-12-31 23:00:00+00''', 'YS006'), ('''a'', 1, ''infinity''', 'YS006'),
    ('''a'', 1, ''-infinity''', 'YS006'), ('''a'', 1, now() + interval ''6 years''', 'YS006'), ('''a'', 1, ''4714-11-24 00:00:00+00 BC''', 'YS006'),
    ('''a'', 1, ''294276-12-31 00:00:00+00''', 'YS006'),
    ('''a'', 1, department_id => ''00000000-0000-4000-8000-000000000009''', 'YS003'),
    ('''a'', 1, department_id => (select id from people where name = ''of blue'')', 'YS003'),
    ('''a'', 1, team_id => ''00000000-0000-4000-8000-000000000009''', 'YS003'),
    ('''a'', 1, user_id => ''00000000-0000-4000-8000-000000000009''', 'YS003'),
    ('''a'', 1, entity_type => repeat(''a'', 51)', 'YS006'), ('''a'', null, value_text => repeat(''a'', 501)', 'YS006'),
    ('''a'', 1, tags => ''[]''', 'YS001')
) as refused (arguments, code);
select throws_like(
    $$select yardstick_api.record_value('a', 1, department_id => '00000000-0000-4000-8000-000000000009')$$,
    'department_id: unknown department 00000000-0000-4000-8000-000000000009;%', 'names the key and the id'
);
reset session authorization;
select is((select count(*) from yardstick.analytics_metrics where id = '00000000-0000-4000-8000-000000000001'), 1::bigint, 'stores the same id once');
select is((select value from yardstick.analytics_metrics where id = '00000000-0000-4000-8000-000000000001'), 1.0000, 'keeps what came first');
select is((select metric_category from yardstick.analytics_metrics where metric_name = 'a'), 'operational', 'calls operational what no metric reads');

select * from finish();
rollback;
