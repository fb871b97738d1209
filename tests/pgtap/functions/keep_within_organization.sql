begin;
\ir ../two_organizations.psql
select plan(7);

insert into yardstick.departments (organization_id, department_name) values (:'acme', 'Plant'), (:'birch', 'Secret')
returning id \g /dev/null
select id as plant from yardstick.departments where organization_id = :'acme' \gset
select id as secret from yardstick.departments where organization_id = :'birch' \gset
insert into yardstick.roles (role_name) values ('Auditor') returning id as auditor \gset
insert into yardstick.users (organization_id, user_name) values (:'acme', 'Ada') returning id as ada \gset

select lives_ok(
    format('insert into yardstick.teams (organization_id, team_name, department_id) values (%L, ''A'', %L)', :'acme', :'plant'),
    'lets a row point within its organization'
);
select throws_ok(
    format('insert into yardstick.teams (organization_id, team_name, department_id) values (%L, ''A'', %L)', :'acme', :'secret'),
    'YS003', format('department_id: unknown id %s; it has to be of the same organization', :'secret'),
    'refuses another organization''s'
);
select throws_ok(
    format('insert into yardstick.teams (organization_id, team_name, department_id) values (%L, ''A'', %L)', :'acme', :'auditor'),
    'YS003', format('department_id: unknown id %s; it has to be of the same organization', :'auditor'),
    'says the same of what does not exist'
);
select throws_ok(
    format('update yardstick.teams set department_id = %L', :'secret'), 'YS003', null, 'refuses a change to another organization''s'
);
select throws_ok(
    format('update yardstick.teams set organization_id = %L', :'birch'), 'YS003', null,
    'refuses to move a row away from what it points at'
);
select lives_ok(
    format('insert into yardstick.role_members (organization_id, role_id, user_id) values (%L, %L, %L)', :'acme', :'auditor', :'ada'),
    'lets a row point at the platform'
);
select throws_ok(
    format(
        'insert into yardstick.metric_definitions (metric_name, display_name, calculation_method, data_sources, owner_id)'
        ' values (''m'', ''M'', ''manual'', ''{}'', %L)', :'ada'
    ),
    'YS003', format('owner_id: unknown id %s; it has to be of the same organization', :'ada'),
    'does not let the platform point into an organization'
);

select * from finish();
rollback;
