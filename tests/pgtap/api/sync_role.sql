begin;
\ir ../two_organizations.psql
select plan(7);

create function pg_temp.sync(organization text, role jsonb)
returns text
language sql
as $sync$
    select pg_temp.call('tap_any_app', organization, format('select yardstick_api.sync_role(%L)', role))
$sync$;

select pg_temp.sync(:'acme', '{"external_id": "qa", "role_name": "Quality", "may_approve": ["owner", "methodology"]}') as quality \gset
select is(
    (select may_approve from yardstick.roles where id = :'quality'), '{owner,methodology}'::text[], 'notes what its members may approve'
);
select pg_temp.sync(:'acme', '{"external_id": "qa", "may_approve": []}') \g /dev/null
select results_eq(
    format('select role_name, may_approve from yardstick.roles where id = %L', :'quality'), $$values ('Quality', '{}'::text[])$$,
    'changes what was given and nothing else'
);
select is(
    pg_temp.sync(:'acme', '{"external_id": "qa", "may_approve": [1]}'), 'YS001 may_approve[0]: must be a string, not 1',
    'names the place of a wrong value'
);
select is(
    pg_temp.sync(:'birch', jsonb_build_object('id', :'quality', 'role_name', 'Taken over')),
    format('YS003 id: unknown id %s', :'quality'), 'does not know a role of another organization'
);

select is(
    pg_temp.sync(:'acme', '{"external_id": "qa", "may_approve": ["owner", "boss"]}'),
    'YS001 may_approve[1]: must be one of owner, methodology, data_source, business_alignment; got ''boss''', 'knows the gates there are'
);
select is(
    pg_temp.sync(:'acme', '{"external_id": "qb", "role_name": "Quality"}'), 'YS007 role_name: another role is named ''Quality''',
    'refuses a name that is taken'
);
select is(
    pg_temp.sync(:'acme', '{"external_id": "qa", "role_name": ""}'), 'YS001 role_name: must be a string that is not empty, not ""',
    'refuses an empty name'
);

select * from finish();
rollback;
