begin;
\ir ../two_organizations.psql
select plan(17);

create function pg_temp.sync(who text, organization jsonb)
returns text
language sql
as $sync$
    select pg_temp.as_login(who, format('select yardstick_api.sync_organization(%L)', organization))
$sync$;

select is(
    pg_temp.sync('tap_dba', '{"external_id": "tap-acme", "organization_name": "Acme & Sons"}'), :'acme',
    'finds an organization by external_id'
);
select results_eq(
    format('select organization_name, timezone from yardstick.organizations where id = %L', :'acme'),
    $$values ('Acme & Sons', 'Europe/Berlin')$$, 'leaves alone what was not given'
);
select is(
    pg_temp.sync('tap_dba', '{"id": "00000000-0000-4000-8000-00000000aaaa", "external_id": 17, "organization_name": "Own id"}'),
    '00000000-0000-4000-8000-00000000aaaa', 'makes an organization under the id of the host application'
);
select is(pg_temp.sync('tap_dba', '{"external_id": "17"}'), '00000000-0000-4000-8000-00000000aaaa', 'reads a number as an external_id');
select is(
    pg_temp.sync('tap_any_app', '{"external_id": "tap-new", "organization_name": "New"}') ~ '^[0-9a-f-]{36}$', true,
    'lets an application trusted with all make one'
);
select is(
    pg_temp.sync('tap_acme_app', '{"external_id": "tap-mine", "organization_name": "Mine"}'),
    'YS005 only a DBA, or an application trusted with every organization, syncs another organization than its own',
    'does not let an application of one organization make another'
);
select is(
    pg_temp.call('tap_acme_app', :'acme', format('select yardstick_api.sync_organization(%L)', jsonb_build_object(
        'id', :'birch', 'organization_name', 'Taken over'
    ))),
    'YS005 only a DBA, or an application trusted with every organization, syncs another organization than its own',
    'does not let it change another'
);
select is(
    pg_temp.call('tap_acme_app', :'acme', 'select yardstick_api.sync_organization(''{"external_id": "tap-acme", "week_start": 7}'')'),
    :'acme', 'lets it change its own'
);
select is(
    pg_temp.sync('tap_dba', jsonb_build_object('id', :'acme', 'external_id', 'tap-birch')),
    'YS007 external_id: "tap-birch" belongs to another organization', 'refuses an external_id that is taken'
);
select is(
    pg_temp.sync('tap_dba', '{"external_id": "tap-x"}'),
    'YS001 organization_name: is missing; a new organization needs it', 'wants a name for a new one'
);
select is(
    pg_temp.sync('tap_dba', '{"organization_name": "x"}'),
    'YS001 id: give id or external_id, so that the next call finds the same organization', 'wants something to find it by'
);
select is(
    pg_temp.sync('tap_dba', '{"external_id": "tap-x", "organization_name": "x", "timezone": "Mars/Olympus"}'),
    'YS001 timezone: "Mars/Olympus" is not a time zone of this server; give an IANA name such as Europe/Berlin',
    'refuses a time zone nobody knows'
);
select is(
    pg_temp.sync('tap_dba', '{"external_id": "tap-x", "organization_name": "x", "week_start": 8}'),
    'YS001 week_start: must be 1 (Monday) to 7 (Sunday)', 'refuses an eighth weekday'
);
select is(
    pg_temp.sync('tap_dba', '{"external_id": "tap-x", "colour": "red"}'),
    'YS001 colour: unknown key; known are external_id, fiscal_year_start_month, id, is_active, organization_name, timezone, week_start',
    'refuses an unknown key'
);
select is(
    pg_temp.sync('tap_dba', '{"external_id": ["tap-x"]}'), 'YS001 external_id: must be a string or a whole number, not ["tap-x"]',
    'refuses a value of another type'
);
select is(
    pg_temp.call('tap_acme_app', :'acme', 'select yardstick_api.sync_organization(''{"external_id": "tap-acme"}'')'), :'acme',
    'changes nothing when nothing is given'
);
select matches(
    pg_temp.as_login('tap_acme_app', 'select yardstick_api.sync_department(''{"external_id": 1, "department_name": "d"}'')'),
    '^[0-9a-f-]{36}$', 'leaves the caller in the organization it had named'
);

select * from finish();
rollback;
