begin;
\ir ../two_organizations.psql
select plan(6);

create function pg_temp.sync(organization text, thing text, input jsonb)
returns text
language sql
as $sync$
    select pg_temp.call('tap_any_app', organization, format('select yardstick_api.sync_%s(%L)', thing, input))
$sync$;

select pg_temp.sync(:'acme', 'department', '{"external_id": "d", "department_name": "Plant"}') as plant \gset
select pg_temp.sync(:'birch', 'department', '{"external_id": "d2", "department_name": "Secret"}') as secret \gset
select pg_temp.sync(:'acme', 'team', '{"external_id": "t", "team_name": "Shift A", "department_id": "d"}') as shift \gset

select is((select department_id from yardstick.teams where id = :'shift'), :'plant'::uuid, 'finds its department by external_id');
select is(pg_temp.sync(:'acme', 'team', '{"external_id": "t", "is_active": false}'), :'shift', 'finds a team by external_id');
select results_eq(
    format('select team_name, department_id, is_active from yardstick.teams where id = %L', :'shift'),
    format('values (''Shift A'', %L::uuid, false)', :'plant'), 'changes what was given and nothing else'
);
select matches(
    pg_temp.sync(:'acme', 'team', '{"external_id": "t", "department_id": "d2"}'), '^YS003 department_id: unknown department "d2"',
    'does not know a department of another organization'
);
select is(
    pg_temp.sync(:'birch', 'team', jsonb_build_object('id', :'shift', 'team_name', 'Taken over')),
    format('YS003 id: unknown id %s', :'shift'), 'does not know a team of another organization'
);

select matches(pg_temp.sync(:'acme', 'team', '{"external_id": "t", "team_name": ""}'), '^YS001 team_name: must be a string that is not empty', 'refuses an empty name');

select * from finish();
rollback;
