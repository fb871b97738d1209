begin;
\ir ../audited_organizations.psql
select plan(6);

select is(yardstick.current_reason(), null, 'is not said before');
select is(pg_temp.as_login('tap_acme_app', 'select yardstick_api.use_reason('' norm '')'), '', 'is called by applications');
select is(yardstick.current_reason(), 'norm', 'holds for the rest of the transaction');
select matches(pg_temp.as_login('tap_acme_app', 'select yardstick_api.use_reason('' '')'), '^YS001 ', 'needs words');
select matches(pg_temp.as_login('tap_acme_app', 'select yardstick_api.use_reason(repeat(''x'', 2001))'), '^YS006 ', 'needs few');
set yardstick.reason = '1/left over';
select is(yardstick.current_reason(), null, 'does not outlive its transaction, not even set by hand');

select * from finish();
rollback;
