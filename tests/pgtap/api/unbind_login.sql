begin;
\ir ../two_organizations.psql
select plan(4);

select is(
    pg_temp.as_login('tap_acme_app', 'select yardstick_api.unbind_login(''tap_acme_bi'')'),
    '42501 permission denied for function unbind_login', 'is for a DBA alone'
);
select is(
    pg_temp.as_login('tap_dba', format('select yardstick_api.unbind_login(''tap_acme_bi'', %L)', :'birch')), '0',
    'takes nothing that was not given'
);
select is(pg_temp.as_login('tap_dba', 'select yardstick_api.unbind_login(''tap_acme_bi'')'), '1', 'takes all a login had');
select is(
    pg_temp.as_login('tap_acme_bi', 'select count(*) from yardstick_bi.organizations'), '0', 'leaves the login seeing nothing'
);

select * from finish();
rollback;
