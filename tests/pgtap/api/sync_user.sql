begin;
\ir ../two_organizations.psql
select plan(8);

create function pg_temp.sync(organization text, thing text, input jsonb)
returns text
language sql
as $sync$
    select pg_temp.call('tap_any_app', organization, format('select yardstick_api.sync_%s(%L)', thing, input))
$sync$;
create function pg_temp.roles_of(person text)
returns text
language sql
as $roles_of$
    select string_agg(r.role_name, ', ' order by r.role_name)
    from yardstick.role_members as m
    inner join yardstick.roles as r on r.id = m.role_id
    where m.user_id = person::uuid
$roles_of$;

select pg_temp.sync(:'acme', 'role', '{"external_id": "qa", "role_name": "Quality"}') as quality \gset
select pg_temp.sync(:'acme', 'role', '{"external_id": "it", "role_name": "Computers"}') as computers \gset
select pg_temp.sync(:'birch', 'role', '{"external_id": "spy", "role_name": "Spy"}') as spy \gset
insert into yardstick.roles (role_name, external_id) values ('Auditor', 'aud');

select pg_temp.sync(:'acme', 'user', '{"external_id": 5, "user_name": "Ada", "email": "ada@acme.example", "roles": ["Quality", "it"]}') as ada \gset
select is(pg_temp.roles_of(:'ada'), 'Computers, Quality', 'gives roles by name and by external_id');
select pg_temp.sync(:'acme', 'user', jsonb_build_object('external_id', 5, 'roles', jsonb_build_array(:'quality', 'Auditor'))) \g /dev/null
select is(pg_temp.roles_of(:'ada'), 'Auditor, Quality', 'takes roles that are not named any more, and gives those of the platform');
select pg_temp.sync(:'acme', 'user', '{"external_id": 5, "user_name": "Ada L."}') \g /dev/null
select is(pg_temp.roles_of(:'ada'), 'Auditor, Quality', 'leaves the roles when none are given');
select is((select email from yardstick.users where id = :'ada'), 'ada@acme.example', 'leaves alone what was not given');
select matches(
    pg_temp.sync(:'acme', 'user', '{"external_id": 5, "roles": ["qa", "spy"]}'), '^YS003 roles\[1\]: unknown role "spy"',
    'does not know a role of another organization, and names its place'
);
select is(pg_temp.roles_of(:'ada'), 'Auditor, Quality', 'changes nothing when it refuses');
select pg_temp.sync(:'acme', 'user', '{"external_id": 5, "roles": []}') \g /dev/null
select is(pg_temp.roles_of(:'ada'), null, 'takes all roles when the list is empty');
select is(
    pg_temp.sync(:'birch', 'user', jsonb_build_object('id', :'ada', 'user_name', 'Taken over')),
    format('YS003 id: unknown id %s', :'ada'), 'does not know a person of another organization'
);

select * from finish();
rollback;
