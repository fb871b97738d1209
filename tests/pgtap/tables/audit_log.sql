begin;
\ir ../audited_organizations.psql
select plan(24);

select ok(pg_temp.length(:'acme') > 0, 'has something to steal');
select results_eq(
    $$ select l.sequence_no from yardstick.audit_log as l where l.action = 'insert' and l.subject = 'organization' order by l.recorded_at desc limit 2 $$,
    $$ values (1::bigint), (1::bigint) $$, 'begins a chain for each organization'
);
select is(
    (select l.login_name from yardstick.audit_log as l where l.organization_id = :'acme' and l.sequence_no = 1), 'tap_dba',
    'names the login, not the owner of the function that it called'
);

-- No login reaches it but through the doors.
select is(left(pg_temp.as_login(l.login, q.query), 5), '42501', format('%s cannot: %s', l.login, q.query))
from (values ('tap_acme_app'), ('tap_acme_bi'), ('tap_dba'), ('yardstick_worker')) as l (login)
cross join (values
    ('select count(*) from yardstick.audit_log'),
    ('update yardstick.audit_log set login_name = ''x'''),
    ('delete from yardstick.audit_log'),
    ('insert into yardstick.audit_queue (organization_id, wakes, action, subject) values (gen_random_uuid(), true, ''x'', ''x'')')
) as q (query);

-- Nor do those who own it and write it.
select throws_ok('update yardstick.audit_log set login_name = ''x''', 'YS007', null, 'refuses a change, of a superuser too');
select throws_ok('truncate yardstick.audit_log', 'YS007', null, 'is not emptied');
set local role yardstick_owner;
select throws_ok('delete from yardstick.audit_log', 'YS007', null, 'loses no row to its owner');
set local role yardstick_engine_role;
select throws_ok('update yardstick.audit_log set login_name = ''x''', '42501', null, 'lets the engine add rows and no more');
reset role;
select throws_ok('delete from yardstick.audit_heads', 'YS007', null, 'keeps the heads of its chains');

select * from finish();
rollback;
