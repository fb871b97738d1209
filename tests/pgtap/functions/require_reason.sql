begin;
\ir ../audited_organizations.psql
select plan(7);
insert into yardstick.metric_definitions (organization_id, metric_name, display_name, calculation_method, data_sources)
values (:'acme', 'tap_m', 'M', 'external', '{}')
returning id as metric \gset
insert into yardstick.metric_targets (organization_id, metric_id, effective_from, target_value)
values
(:'acme', :'metric', (now() at time zone 'Europe/Berlin')::date, 1), (:'acme', :'metric', (now() at time zone 'Europe/Berlin')::date + 1, 2);

select throws_ok('update yardstick.metric_targets set target_value = 9 where target_value = 1', 'YS001', null, 'keeps a target in force');
select throws_ok('delete from yardstick.metric_targets where target_value = 1', 'YS001', null, 'does not lose it');
select throws_ok(
    'update yardstick.metric_targets set effective_from = effective_from + 9 where target_value = 1', 'YS001', null, 'does not put it off'
);
select lives_ok('update yardstick.metric_targets set target_value = 3 where target_value = 2', 'lets one that is to come be changed');
select lives_ok('delete from yardstick.metric_targets where target_value = 3', 'lets it be taken back');
select lives_ok(
    'update yardstick.metric_targets set target_value = 9, reason = ''norm'' where target_value = 1', 'takes the reason that stands in the row'
);
select yardstick_api.use_reason('typo') \g /dev/null
select lives_ok('delete from yardstick.metric_targets where target_value = 9', 'takes the reason of the transaction');

select * from finish();
rollback;
