begin;
\ir ../two_organizations.psql
select plan(15);

create function pg_temp.seen(login text)
returns text
language sql
as $seen$
    select pg_temp.as_login(login, 'select yardstick.current_organization()')
$seen$;
grant usage on schema yardstick to yardstick_app, yardstick_bi;

select is(pg_temp.seen('tap_acme_app'), null, 'is needed: an application that named nobody has no organization');
select is(
    pg_temp.as_login('tap_acme_app', format('select yardstick_api.use_organization(%L)', :'acme')), '',
    'names an organization the login serves'
);
select is(pg_temp.seen('tap_acme_app'), :'acme', 'makes it the organization of the transaction');
select is(pg_temp.seen('tap_birch_app'), null, 'means nothing to another login of the same session');
select is(
    pg_temp.as_login('tap_acme_app', format('select yardstick_api.use_organization(%L)', :'birch')),
    format(
        'YS005 login "tap_acme_app" does not serve organization %s; a DBA allows it with '
        'yardstick_api.bind_login(login, organization_id, ''trusted'')', :'birch'
    ),
    'refuses an organization the login does not serve, and says who can change that'
);
select is(
    replace(pg_temp.as_login('tap_acme_app', format('select yardstick_api.use_organization(%L)', :'birch')), :'birch', ''),
    replace(
        pg_temp.as_login('tap_acme_app', 'select yardstick_api.use_organization(''00000000-0000-4000-8000-000000000000'')'),
        '00000000-0000-4000-8000-000000000000', ''
    ),
    'says the same of an organization that does not exist'
);
select is(pg_temp.seen('tap_acme_app'), :'acme', 'leaves the organization as it was when it refuses');
select matches(
    pg_temp.as_login('tap_stranger', format('select yardstick_api.use_organization(%L)', :'acme')), '^YS005 ',
    'refuses a login that nobody bound'
);
select is(
    pg_temp.call('tap_any_app', :'birch', 'select yardstick.current_organization()'), :'birch',
    'lets an application trusted with all name any'
);
select matches(
    pg_temp.as_login('tap_any_app', 'select yardstick_api.use_organization(''00000000-0000-4000-8000-000000000000'')'),
    '^YS003 unknown organization', 'tells that application of an unknown one'
);
select is(
    pg_temp.as_login('tap_acme_bi', format('select yardstick_api.use_organization(%L)', :'acme')),
    '42501 permission denied for schema yardstick_api', 'is no door for BI'
);

grant yardstick_app to tap_acme_bi;
select matches(
    pg_temp.as_login('tap_acme_bi', format('select yardstick_api.use_organization(%L)', :'birch')), '^YS005 ',
    'refuses a bound login another organization than its own'
);

select pg_temp.call('tap_acme_app', :'acme', $$select yardstick_api.sync_user('{"external_id": "ada", "user_name": "Ada"}')$$) as ada \gset
select is(
    pg_temp.as_login('tap_acme_app', format(
        'select yardstick_api.use_organization(%L, %L)', :'acme', :'ada'
    )) || pg_temp.as_login('tap_acme_app', 'select yardstick.current_user_id()'), :'ada',
    'names the person too'
);
select is(
    pg_temp.as_login('tap_birch_app', format('select yardstick_api.use_organization(%L, %L)', :'birch', :'ada')),
    format('YS003 unknown or inactive user %s', :'ada'), 'does not know a person of another organization'
);
select pg_temp.call('tap_acme_app', :'acme', $$select yardstick_api.sync_user('{"external_id": "ada", "is_active": false}')$$) \g /dev/null
select is(
    pg_temp.as_login('tap_acme_app', format('select yardstick_api.use_organization(%L, %L)', :'acme', :'ada')),
    format('YS003 unknown or inactive user %s', :'ada'), 'does not know a person who has left'
);

select * from finish();
rollback;
