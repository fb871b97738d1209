begin;
\ir ../two_organizations.psql
select plan(10);

create function pg_temp.bind(who text, login text, organization text, kind text)
returns text
language sql
as $bind$
    select pg_temp.as_login(who, format('select yardstick_api.bind_login(%L, %L, %L)', login, organization, kind))
$bind$;

select is(
    pg_temp.bind('tap_acme_app', 'tap_acme_app', :'birch', 'trusted'),
    '42501 permission denied for function bind_login', 'is for a DBA alone'
);
select is(
    pg_temp.bind('tap_dba', 'tap_acme_bi', :'acme', 'loose'), 'YS001 kind: must be bound or trusted, not loose', 'knows two kinds'
);
select is(
    pg_temp.bind('tap_dba', 'tap_nobody', :'acme', 'bound'),
    'YS003 login: there is no role "tap_nobody"; create it first', 'refuses a login that does not exist'
);
select is(
    pg_temp.bind('tap_dba', 'tap_acme_bi', null, 'bound'),
    'YS001 organization_id: a bound login has exactly one organization; name it', 'binds to one organization, not to all'
);
select matches(
    pg_temp.bind('tap_dba', 'tap_acme_bi', '00000000-0000-4000-8000-000000000000', 'bound'),
    '^YS003 organization_id: unknown organization', 'refuses an organization that does not exist'
);

select pg_temp.bind('tap_dba', 'tap_acme_bi', :'birch', 'bound') \g /dev/null
select results_eq(
    $$select organization_id, kind from yardstick.login_bindings where login_name = 'tap_acme_bi'$$,
    format($$values (%L::uuid, 'bound')$$, :'birch'), 'binds to another organization by taking the first away'
);
select pg_temp.bind('tap_dba', 'tap_acme_app', :'birch', 'trusted') \g /dev/null
select pg_temp.bind('tap_dba', 'tap_acme_app', :'birch', 'trusted') \g /dev/null
select is(
    (select count(*) from yardstick.login_bindings where login_name = 'tap_acme_app'), 2::bigint,
    'trusts with one organization after the other, each once'
);
select pg_temp.bind('tap_dba', 'tap_acme_app', :'acme', 'bound') \g /dev/null
select results_eq(
    $$select organization_id, kind from yardstick.login_bindings where login_name = 'tap_acme_app'$$,
    format($$values (%L::uuid, 'bound')$$, :'acme'), 'binds a trusted login, which is then trusted with nothing more'
);
select is(
    (pg_temp.call('tap_acme_app', :'birch', 'select 1')) ~ '^YS005', true, 'takes effect at once'
);
select is(
    pg_temp.as_login('tap_acme_app', 'select count(*) from yardstick.login_bindings'),
    '42501 permission denied for schema yardstick', 'writes where no login reads'
);

select * from finish();
rollback;
