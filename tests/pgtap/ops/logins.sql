begin;
\ir ../two_organizations.psql
select plan(2);
select is(
    pg_temp.as_login('tap_dba', $$
        select string_agg(concat_ws(' ', login_name, kind, coalesce(organization_name, 'every')), ', ' order by login_name)
        from yardstick_ops.logins where login_name like 'tap\_%'
    $$),
    'tap_acme_app trusted Acme, tap_acme_bi bound Acme, tap_any_app trusted every, tap_birch_app trusted Birch, tap_birch_bi bound Birch',
    'says which login serves whom'
);
select is(
    pg_temp.as_login('yardstick_worker', 'select count(*) from yardstick_ops.logins'), '42501 permission denied for view logins', 'is for a DBA'
);
select * from finish();
rollback;
