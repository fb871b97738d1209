begin;
\ir ../two_organizations.psql
select plan(5);

select yardstick_api.set_approval_gates(null, '{owner,data_source}', 'two will do')
\g /dev/null
select is(yardstick.required_gates(:'acme'), '{owner,data_source}', 'requires what the platform does');
select yardstick_api.set_approval_gates(:'acme', '{methodology}', 'here another')
\g /dev/null
select is(yardstick.required_gates(:'acme'), '{methodology}', 'requires what is said for the organization');
select is(yardstick.required_gates(:'birch'), '{owner,data_source}', 'leaves other organizations alone');
select is(yardstick.missing_gates(:'birch', yardstick.next_id(), 1, 'none'), '{owner,data_source}', 'misses all of them before anybody gave one');
delete from yardstick.approval_policies;
select is(
    yardstick.required_gates(:'birch'), '{owner,methodology,data_source,business_alignment}', 'requires all four where nothing is said'
);

select * from finish();
rollback;
