begin;
\ir ../two_organizations.psql
select plan(15);

create function pg_temp.sync(organization text, department jsonb)
returns text
language sql
as $sync$
    select pg_temp.call('tap_any_app', organization, format('select yardstick_api.sync_department(%L)', department))
$sync$;

select pg_temp.sync(:'acme', '{"external_id": 1, "department_name": "Plant"}') as plant \gset
select pg_temp.sync(:'acme', '{"external_id": 2, "department_name": "Line", "parent_department_id": 1}') as line \gset
select pg_temp.sync(:'birch', '{"external_id": 1, "department_name": "Secret plant"}') as secret \gset

select isnt(:'plant'::text, :'secret', 'keeps the external ids of two organizations apart');
select is(
    (select parent_department_id from yardstick.departments where id = :'line'), :'plant'::uuid,
    'finds the department above by external_id'
);
select is(pg_temp.sync(:'acme', '{"external_id": "1", "department_name": "Works"}'), :'plant', 'finds a department by external_id');
select is(
    pg_temp.sync(:'acme', jsonb_build_object('id', :'plant', 'external_id', 11)), :'plant', 'finds a department by id and renumbers it'
);
select is((select department_name from yardstick.departments where id = :'plant'), 'Works', 'leaves alone what was not given');
select is(
    pg_temp.sync(:'acme', '{"id": "00000000-0000-4000-8000-00000000bbbb", "department_name": "Own id"}'),
    '00000000-0000-4000-8000-00000000bbbb', 'makes a department under the id of the host application'
);
select is(
    pg_temp.sync(:'acme', jsonb_build_object('id', :'secret', 'department_name', 'Taken over')),
    format('YS003 id: unknown id %s', :'secret'), 'does not know the id of a department of another organization'
);
select is((select department_name from yardstick.departments where id = :'secret'), 'Secret plant', 'leaves that department as it is');
select is(
    pg_temp.sync(:'acme', jsonb_build_object('external_id', 2, 'parent_department_id', :'secret')),
    format('YS003 parent_department_id: unknown department "%s"; give its id or external_id, and sync it first', :'secret'),
    'does not know it as the department above either'
);
select is(
    pg_temp.sync(:'acme', jsonb_build_object('id', :'plant', 'parent_department_id', :'line')),
    format('YS001 parent_department_id: department %s would stand below itself', :'plant'), 'refuses a circle'
);
select is(
    pg_temp.sync(:'acme', jsonb_build_object('id', :'plant', 'external_id', 2)),
    format('YS007 external_id: "2" belongs to id %s', :'line'), 'refuses an external_id that another department has'
);
select is(
    pg_temp.sync(:'acme', '{"external_id": 3}'), 'YS001 department_name: is missing; a new department needs it',
    'wants a name for a new one'
);
select is(
    pg_temp.sync(:'acme', '{"external_id": 3, "department_name": null}'), 'YS001 department_name: must be a string that is not empty, not null',
    'does not take a name away'
);
select pg_temp.sync(:'acme', '{"external_id": 2, "parent_department_id": null}') \g /dev/null
select is((select parent_department_id from yardstick.departments where id = :'line'), null, 'moves a department to the top');
select matches(
    pg_temp.as_login('tap_acme_app', $$select yardstick_api.sync_department('{"external_id": 9, "department_name": "x"}')$$),
    '^YS004 no organization is chosen', 'wants an organization first'
);

select * from finish();
rollback;
