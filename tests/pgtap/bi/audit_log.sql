begin;
\ir ../audited_organizations.psql
select plan(4);
insert into yardstick.users (organization_id, user_name) values (:'acme', 'Una') returning id as una \gset
select pg_temp.as_login('tap_acme_app', format('select yardstick_api.use_organization(%L, %L)', :'acme', :'una')) \g /dev/null
select pg_temp.as_login('tap_acme_app', $$ select yardstick_api.sync_role('{"external_id": "r", "role_name": "Quality"}') $$) \g /dev/null

select is(
    pg_temp.as_login('tap_acme_bi', $$
        select string_agg(concat_ws(' ', login_name, user_name, action, new_row ->> 'role_name'), ',') from yardstick_bi.audit_log where subject = 'role'
    $$),
    'tap_acme_app Una insert Quality', 'shows who did what'
);
select is(
    pg_temp.as_login('tap_birch_bi', 'select string_agg(distinct organization_id::text, '','') from yardstick_bi.audit_log'), :'birch',
    'shows each organization its own'
);
select is(
    pg_temp.as_login('tap_acme_bi', $$ select count(*) from yardstick_bi.audit_log where organization_id = '00000000-0000-0000-0000-000000000000' $$),
    '0', 'does not show the platform''s'
);
select matches(pg_temp.as_login('tap_acme_bi', 'delete from yardstick_bi.audit_log'), '^(42501|55000) ', 'is only read');

select * from finish();
rollback;
