begin;
\ir ../two_organizations.psql
select plan(3);
select is(pg_temp.as_login('tap_acme_bi', 'select string_agg(organization_name, '','') from yardstick_bi.organizations'), 'Acme', 'shows its own');
select is(pg_temp.as_login('tap_birch_bi', 'select string_agg(timezone, '','') from yardstick_bi.organizations'), 'America/New_York', 'shows each its own');
select is(pg_temp.as_login('tap_stranger', 'select count(*) from yardstick_bi.organizations'), '0', 'shows a stranger none');
select * from finish();
rollback;
