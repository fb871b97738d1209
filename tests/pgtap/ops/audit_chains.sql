begin;
\ir ../audited_organizations.psql
select plan(6);

create function pg_temp.problem(chain text)
returns text
language sql
as $problem$
    select pg_temp.as_login('tap_dba', format('select coalesce(problem, ''none'') from yardstick_ops.audit_chains where organization_id = %L', chain))
$problem$;

select is(pg_temp.problem(:'acme'), 'none', 'finds each chain at its head');
select is(pg_temp.as_login('tap_dba', 'select count(*) filter (where problem is not null) from yardstick_ops.audit_chains'), '0', 'of the platform too');
select is(
    pg_temp.as_login('tap_dba', format('select count(*) from yardstick_ops.audit_log where organization_id = %L', :'acme')),
    pg_temp.length(:'acme')::text, 'shows a DBA the rows'
);
set local session_replication_role = replica;
delete from yardstick.audit_log where organization_id = :'acme' and sequence_no = pg_temp.length(:'acme');
delete from yardstick.audit_heads where organization_id = :'birch';
set local session_replication_role = origin;
select matches(pg_temp.problem(:'acme'), '^its head is row \d+, its newest row \d+$', 'names a chain whose end is gone');
select is(pg_temp.problem(:'birch'), 'it has no head any more', 'names a chain whose head is gone');
select matches(
    pg_temp.as_login('tap_dba', $$ select detail from yardstick_ops.health where check_name like 'audit:%' and not ok $$), 'yardstick audit verify$',
    'is a check of the health'
);

select * from finish();
rollback;
