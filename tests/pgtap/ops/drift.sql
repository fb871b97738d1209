begin;
\ir ../two_organizations.psql
select plan(6);

create function pg_temp.drift()
returns text
language sql
as $drift$
    select pg_temp.as_login('tap_dba', 'select string_agg(concat_ws('': '', drift, object_name), '', '' order by drift, object_name) from yardstick_ops.drift')
$drift$;

select is(pg_temp.drift(), null, 'is empty after a deploy');
grant execute on function yardstick_api.sync_role(jsonb) to tap_stranger;
select is(pg_temp.drift(), 'changed by hand: yardstick_api.sync_role(jsonb)', 'shows a right that was given by hand');
revoke execute on function yardstick_api.sync_role(jsonb) from tap_stranger;
select is(pg_temp.drift(), null, 'is empty when that is taken back');
drop policy tenant on yardstick.teams;
create view yardstick_bi.extra as select 1 as one;
drop view yardstick_bi.reports;
select matches(pg_temp.drift(), 'changed by hand: yardstick.teams', 'shows a policy that is gone');
select matches(pg_temp.drift(), 'in no file: yardstick_bi.extra', 'shows an object that no file knows');
select matches(pg_temp.drift(), 'missing: yardstick_bi.reports', 'shows an object that is gone');

select * from finish();
rollback;
