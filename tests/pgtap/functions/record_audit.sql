begin;
\ir ../audited_organizations.psql
select plan(6);

set constraints all deferred;
select pg_temp.length(:'acme') as before \gset
select yardstick.record_audit(:'acme', 'approve', 'approval', 'x', null, '{"gate": "owner"}', 'checked') \g /dev/null
select yardstick.record_audit(:'acme', 'reject', 'approval', 'x') \g /dev/null
select is(pg_temp.length(:'acme'), :before, 'waits for the commit');
set constraints all immediate;
select is(pg_temp.newest(:'acme', 2), 'approve approval checked, reject approval', 'writes in the order of what was done');
select is((select count(*) from yardstick.audit_queue), 0::bigint, 'leaves nothing in the queue');
select yardstick_api.use_reason('norm') \g /dev/null
select yardstick.record_audit(null, 'approve', 'approval') \g /dev/null
select is(
    pg_temp.newest('00000000-0000-0000-0000-000000000000'), 'approve approval norm', 'takes null for the platform, and the reason of the transaction'
);
select is_empty(format('select * from yardstick_api.verify_audit(%L)', :'acme'), 'leaves a chain that is whole');
select matches(
    pg_temp.as_login('tap_acme_app', 'select yardstick.record_audit(null, ''x'', ''y'')'), '^42501', 'is not for applications'
);

select * from finish();
rollback;
