begin;
\ir ../two_organizations.psql
select plan(8);

insert into yardstick.users (organization_id, user_name) values (:'acme', 'Ada') returning id as ada \gset
insert into yardstick.users (organization_id, user_name) values (:'birch', 'Bob') returning id as bob \gset
insert into yardstick.roles (organization_id, role_name) values (:'acme', 'Quality'), (:'birch', 'Spy'), (null, 'Auditor');
insert into yardstick.metric_definitions (organization_id, metric_name, display_name, calculation_method, data_sources)
values (:'acme', 'm', 'M', 'manual', '{}')
returning id as metric \gset

create function pg_temp.alert(organization text, metric text, people text)
returns text
language sql
as $alert$
    select format(
        'insert into yardstick.metric_alerts (organization_id, alert_name, metric_id, alert_type, condition_config, recipient_users)'
        ' values (%L, ''a'', %L, ''threshold'', ''{}'', %L)', organization, metric, people
    )
$alert$;
create function pg_temp.dashboard(organization text, users jsonb, roles jsonb)
returns text
language sql
as $dashboard$
    select format(
        'insert into yardstick.analytics_dashboards'
        ' (organization_id, dashboard_name, dashboard_type, layout_config, allowed_users, allowed_roles)'
        ' values (%L, md5(random()::text), ''custom'', ''{}'', %L, %L)', organization, users, roles
    )
$dashboard$;

select lives_ok(pg_temp.alert(:'acme', :'metric', format('{%s}', :'ada')), 'lets a list name people of the organization');
select throws_ok(
    pg_temp.alert(:'acme', :'metric', format('{%s,%s}', :'ada', :'bob')), 'YS003',
    format('recipient_users: unknown member %s; it has to be of the same organization', :'bob'), 'refuses another organization''s'
);
select throws_ok(pg_temp.alert(:'acme', :'metric', '{null}'), 'YS003', null, 'refuses a member that is nothing');
select lives_ok(pg_temp.alert(:'acme', :'metric', '{}'), 'lets a list be empty');
select lives_ok(
    pg_temp.dashboard(:'acme', jsonb_build_array(:'ada'), '["Quality", "Auditor"]'), 'lets a list name roles, and those of the platform'
);
select throws_ok(
    pg_temp.dashboard(:'acme', null, '["Spy"]'), 'YS003',
    'allowed_roles: unknown member Spy; it has to be of the same organization', 'refuses the name of another organization''s role'
);
select throws_ok(
    pg_temp.dashboard(:'acme', '{"a": 1}', null), 'YS001', 'allowed_users: must be a list, not object', 'refuses what is no list'
);
select throws_ok(
    format('update yardstick.metric_alerts set recipient_users = array[%L::uuid]', :'bob'), 'YS003', null, 'looks at changes too'
);

select * from finish();
rollback;
