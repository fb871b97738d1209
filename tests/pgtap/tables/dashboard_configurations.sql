begin;
\ir ../two_organizations.psql
select plan(29);
-- What a DBA would grant to a host application that knows the table of old.
grant usage on schema yardstick to yardstick_app;
grant select, insert, update, delete on yardstick.dashboard_configurations to yardstick_app;

create function pg_temp.acme(query text)
returns text
language sql
as $acme$
    select pg_temp.call('tap_acme_app', (select o.id::text from yardstick.organizations as o where o.external_id = 'tap-acme'), query)
$acme$;
create function pg_temp.birch(query text)
returns text
language sql
as $birch$
    select pg_temp.call('tap_birch_app', (select o.id::text from yardstick.organizations as o where o.external_id = 'tap-birch'), query)
$birch$;
create temporary view stored as
select d.* from yardstick.analytics_dashboards as d where d.dashboard_name like 'tap %';

select is(
    (select array_agg(a.attname::text order by a.attnum) from pg_attribute as a where a.attrelid = 'yardstick.dashboard_configurations'::regclass and a.attnum > 0),
    '{id,uuid,name,description,dashboard_type,layout,refresh_interval,auto_refresh,owner_id,department_id,visibility,'
    'allowed_users,allowed_roles,is_active,is_default,usage_count,last_used,created_by,updated_by,created_at,updated_at,'
    'is_deleted,organization_id}',
    'has the columns of the seed in their order, and the organization'
);

select pg_temp.acme($$
    insert into yardstick.dashboard_configurations (name, dashboard_type, layout)
    values ('tap one', 'personal', '{"rows": 2}') returning id
$$) as one \gset
select is((select d.id::text from stored as d), :'one', 'returns the id of what was inserted');
select is((select d.organization_id::text from stored as d), :'acme', 'inserts for the organization that was chosen');
select is((select d.layout_config from stored as d), '{"rows": 2}', 'stores layout as layout_config');
select is((select d.refresh_interval_seconds from stored as d), 300, 'refreshes each 300 seconds, as in the seed');
select is(
    (select array[d.auto_refresh, d.is_active, d.is_default, d.is_public] from stored as d), '{true,true,false,false}',
    'takes the defaults of the seed'
);
select is((select d.visibility from stored as d), 'private', 'is private by default');

select is(
    pg_temp.acme($$update yardstick.dashboard_configurations set refresh_interval = 60, visibility = 'public', name = 'tap two' returning refresh_interval$$),
    '60', 'updates'
);
select is((select array[d.dashboard_name, d.refresh_interval_seconds::text] from stored as d), '{tap two,60}', 'stores each column once');
select ok((select d.is_public from stored as d), 'makes public what is visible to all');
select is((select d.layout_config from stored as d), '{"rows": 2}', 'leaves alone what was not written');
select is(
    pg_temp.acme($$select uuid from yardstick.dashboard_configurations where id = uuid$$), :'one', 'shows the id as uuid too'
);

select pg_temp.acme($$update yardstick.dashboard_configurations set is_deleted = true returning id$$) \g /dev/null
select isnt((select d.deleted_at from stored as d), null, 'dates what is marked deleted');
update yardstick.analytics_dashboards set deleted_at = '2020-01-01' where id = :'one';
select pg_temp.acme($$update yardstick.dashboard_configurations set description = 'x', is_deleted = true returning id$$) \g /dev/null
select is((select d.deleted_at from stored as d), '2020-01-01'::timestamptz, 'keeps the date it was deleted at');
select pg_temp.acme($$update yardstick.dashboard_configurations set is_deleted = false returning id$$) \g /dev/null
select is((select d.deleted_at from stored as d), null, 'takes the mark back');

select pg_temp.acme($$
    insert into yardstick.dashboard_configurations (uuid, name, dashboard_type, layout, is_deleted)
    values ('00000000-0000-7000-8000-00000000aaaa', 'tap three', 'system', '{}', true)
    returning id
$$) \g /dev/null
select is((select d.id::text from stored as d where d.dashboard_name = 'tap three'), '00000000-0000-7000-8000-00000000aaaa', 'takes uuid for the id');
select isnt((select d.deleted_at from stored as d where d.dashboard_name = 'tap three'), null, 'inserts what is deleted already');
select matches(
    pg_temp.acme($$
        insert into yardstick.dashboard_configurations (id, uuid, name, dashboard_type, layout)
        values (gen_random_uuid(), gen_random_uuid(), 'tap four', 'system', '{}')
    $$),
    '^YS006 id and uuid are the same', 'refuses two identifiers'
);
select matches(
    pg_temp.acme($$insert into yardstick.dashboard_configurations (name, dashboard_type, layout) values ('tap four', 'cockpit', '{}')$$),
    'dashboards_type_is_known', 'refuses a type neither seed knows'
);
select matches(
    pg_temp.acme($$insert into yardstick.dashboard_configurations (name, dashboard_type, layout) values ('tap four', 'risk', '[]')$$),
    'valid_layout', 'refuses a layout that is no object'
);
select matches(
    pg_temp.acme($$insert into yardstick.dashboard_configurations (name, dashboard_type, layout) values ('tap two', 'risk', '{}')$$),
    'dashboards_are_named_once_per_owner', 'refuses a second dashboard of that name'
);

select is(pg_temp.birch($$select count(*) from yardstick.dashboard_configurations where name like 'tap %'$$), '0', 'shows none of another organization');
select pg_temp.birch($$update yardstick.dashboard_configurations set name = 'tap stolen' returning id$$) \g /dev/null
select pg_temp.birch($$delete from yardstick.dashboard_configurations returning id$$) \g /dev/null
select is((select count(*) from stored as d where d.organization_id = :'acme'), 2::bigint, 'deletes none of another organization');
select is((select count(*) from stored as d where d.dashboard_name = 'tap stolen'), 0::bigint, 'changes none of another organization');
select matches(
    pg_temp.birch(format(
        $$insert into yardstick.dashboard_configurations (name, dashboard_type, layout, organization_id) values ('tap four', 'risk', '{}', %L)$$, :'acme'
    )),
    '^42501 ', 'inserts none for another organization'
);
select matches(
    pg_temp.acme(format($$update yardstick.dashboard_configurations set organization_id = %L$$, :'birch')),
    '^42501 ', 'moves none to another organization'
);

insert into yardstick.analytics_dashboards (dashboard_name, dashboard_type, layout_config) values ('tap platform', 'system', '{}');
select is(pg_temp.birch($$select name from yardstick.dashboard_configurations$$), 'tap platform', 'shows those of the platform');
select pg_temp.birch($$update yardstick.dashboard_configurations set name = 'tap stolen' returning id$$) \g /dev/null
select is((select count(*) from stored as d where d.dashboard_name = 'tap platform'), 1::bigint, 'changes none of the platform');

select pg_temp.acme($$delete from yardstick.dashboard_configurations where name = 'tap two' returning id$$) \g /dev/null
select is((select array_agg(d.dashboard_name order by d.dashboard_name) from stored as d), '{tap platform,tap three}', 'deletes');

select * from finish();
rollback;
