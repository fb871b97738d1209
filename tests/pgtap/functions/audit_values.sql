begin;
\ir ../audited_organizations.psql
select plan(15);
select yardstick.ensure_year_partitions('analytics_metrics', '2026-01-01', '2026-12-31') \g /dev/null
insert into yardstick.metric_definitions (organization_id, metric_name, display_name, calculation_method, data_sources)
values (null, 'tap_hand', 'H', 'manual', '{}'), (:'birch', 'tap_hand', 'H', 'aggregation', '{}');
select pg_temp.length(:'acme') as before \gset

insert into yardstick.analytics_metrics (organization_id, metric_name, metric_category, value, measurement_date)
values (:'acme', 'flow', 'quality', 1, '2026-03-01');
update yardstick.analytics_metrics set value = 2 where metric_name = 'flow';
delete from yardstick.analytics_metrics where metric_name = 'flow';
select is(pg_temp.length(:'acme'), :before, 'lets pass what is not kept by hand');

insert into yardstick.analytics_metrics (organization_id, metric_name, metric_category, value, measurement_date, tags)
values
(:'acme', 'tap_hand', 'quality', 1, '2026-03-01', '{"reason": "counted"}'), (:'acme', 'flow', 'quality', 1, '2026-03-01', null),
(:'birch', 'tap_hand', 'quality', 1, '2026-03-01', null);
select is(pg_temp.newest(:'acme'), 'insert manual_value counted', 'records a value kept by hand and its reason');
select is(pg_temp.length(:'acme'), :before + 1, 'records it alone');
select isnt(pg_temp.newest(:'birch'), 'insert manual_value', 'knows that an organization''s own metric hides the platform''s');

select throws_ok(
    $$ update yardstick.analytics_metrics set value = 2 where metric_name = 'tap_hand' $$, 'YS001', null, 'keeps it where no reason is given'
);
select throws_ok(
    $$ delete from yardstick.analytics_metrics where metric_name = 'tap_hand' $$, 'YS001', null, 'does not lose it without a reason'
);
select throws_ok(
    $$ update yardstick.analytics_metrics set metric_name = 'flow' where metric_name = 'tap_hand' $$, 'YS001', null, 'does not let it become another without a reason'
);
select lives_ok(
    $$ update yardstick.analytics_metrics set value = 2 where metric_name = 'flow' $$, 'asks no reason for others'
);
select lives_ok(
    $$ update yardstick.analytics_metrics set tags = '{"reason": "misread"}', value = 3 where metric_name = 'tap_hand' $$, 'takes a new reason that stands with the value'
);
select is(pg_temp.newest(:'acme'), 'update manual_value misread', 'records the correction');

select yardstick_api.use_reason('typo') \g /dev/null
update yardstick.analytics_metrics set value = 2 where metric_name = 'tap_hand';
select results_eq(
    format($$
        select l.action, l.reason, l.old_row ->> 'value', l.new_row ->> 'value'
        from yardstick.audit_log as l where l.organization_id = %L order by l.sequence_no desc limit 1
    $$, :'acme'),
    $$ values ('update', 'typo', '3.0000', '2.0000') $$, 'records what was corrected, and why'
);
update yardstick.metric_definitions set deleted_at = now() where metric_name = 'tap_hand' and organization_id is null;
delete from yardstick.analytics_metrics where metric_name = 'tap_hand';
select is(pg_temp.newest(:'acme'), 'delete manual_value typo', 'records what is removed, of a retired metric too');
truncate yardstick.analytics_metrics;
select is(pg_temp.newest('00000000-0000-0000-0000-000000000000'), 'truncate manual_value typo', 'records that all are gone');

insert into yardstick.analytics_metrics (organization_id, metric_name, metric_category, value, measurement_date)
select :'acme', 'tap_hand', 'quality', n, '2026-03-01' from generate_series(1, 50) as n;
select is(
    (select count(distinct l.sequence_no) from yardstick.audit_log as l where l.organization_id = :'acme' and l.action = 'insert' and l.reason = 'typo'),
    50::bigint, 'records each of many'
);
select is_empty(format('select * from yardstick_api.verify_audit(%L)', :'acme'), 'leaves a chain that is whole');

select * from finish();
rollback;
