begin;
\ir ../../two_organizations.psql
select plan(3);

create function pg_temp.department(organization text, name text, parent text default null)
returns text
language sql
as $department$
    select pg_temp.call('tap_any_app', department.organization, format(
        'select yardstick_api.sync_department(%L)',
        jsonb_strip_nulls(jsonb_build_object('external_id', name, 'department_name', name, 'parent_department_id', parent))
    ))
$department$;

select pg_temp.department(:'acme', 'top') as top, pg_temp.department(:'birch', 'else') as elsewhere
\gset
select pg_temp.department(:'acme', 'middle', :'top') as middle
\gset
select pg_temp.department(:'acme', 'low', :'middle') as low
\gset

select set_eq(
    format('select department_id, ancestor_id from yardstick_engine.department_ancestors(array[%L]::uuid[])', :'acme'),
    format(
        'values (%1$L::uuid, %1$L::uuid), (%2$L, %2$L), (%2$L, %1$L), (%3$L, %3$L), (%3$L, %2$L), (%3$L, %1$L)', :'top', :'middle', :'low'
    ),
    'gives each department itself and all above it'
);
select is(
    (select count(*) from yardstick_engine.department_ancestors(array[:'acme', :'birch']::uuid[])), 7::bigint,
    'walks the trees of all organizations at once'
);
select is_empty(
    $$select * from yardstick_engine.department_ancestors('{}')$$, 'gives nothing for no organization'
);

select * from finish();
rollback;
