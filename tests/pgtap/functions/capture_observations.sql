begin;
select plan(8);

create temp table tenants (name text, id uuid);
insert into tenants values
('tokyo', yardstick_api.sync_organization('{"external_id": "capture-tokyo", "organization_name": "Tokyo", "timezone": "Asia/Tokyo"}')),
('york', yardstick_api.sync_organization('{"external_id": "capture-york", "organization_name": "York", "timezone": "America/New_York"}'));
do $$begin perform yardstick.ensure_year_partitions('analytics_metrics', '2025-01-01', '2026-12-31'); end$$;
create temp view cells as
select t.name, d.stage, d.measure_key, d.measure_ids, d.period_type::integer, d.period_start
from yardstick.metric_dirty as d
inner join tenants as t on d.organization_id = t.id
inner join yardstick.metric_sources as s on d.source_id = s.id and s.source_name = 'analytics_metrics' and s.organization_id is null;
delete from yardstick.metric_dirty;

insert into yardstick.analytics_metrics (organization_id, metric_name, metric_category, value, measurement_date)
select t.id, n.name, 'quality', 1, m.at
from tenants as t, (values ('a'), ('b')) as n (name), (values (timestamptz '2026-01-01 03:00:00+00'), ('2026-01-01 03:10:00+00')) as m (at);
select yardstick_engine.take_changes() \g /dev/null
select results_eq(
    'select * from cells order by name, measure_key',
    $$values ('tokyo', 'source', 'a', null::uuid[], 1, date '2026-01-01'), ('tokyo', 'source', 'b', null, 1, '2026-01-01'),
    ('york', 'source', 'a', null, 1, '2025-12-31'), ('york', 'source', 'b', null, 1, '2025-12-31')$$,
    'notes each day of each organization and name once, on its own calendar'
);
delete from yardstick.metric_dirty;
update yardstick.analytics_metrics set measurement_date = '2025-05-05 12:00:00+00' where metric_name = 'a' and organization_id = (select id from tenants where name = 'york');
select yardstick_engine.take_changes() \g /dev/null
select results_eq(
    'select name, measure_key, period_start from cells order by period_start',
    $$values ('york', 'a', date '2025-05-05'), ('york', 'a', '2025-12-31')$$, 'notes the old and the new day of a row that moved'
);
delete from yardstick.metric_dirty;
update yardstick.analytics_metrics set is_deleted = true where metric_name = 'b';
select yardstick_engine.take_changes() \g /dev/null
select results_eq(
    'select name, measure_key, period_start from cells group by 1, 2, 3 order by name',
    $$values ('tokyo', 'b', date '2026-01-01'), ('york', 'b', '2025-12-31')$$, 'notes what was taken back'
);
delete from yardstick.metric_dirty;
update yardstick.analytics_metrics set value = 5 where metric_name = 'nobody';
delete from yardstick.analytics_metrics where metric_name = 'nobody';
select yardstick_engine.take_changes() \g /dev/null
select is_empty('select * from cells', 'notes nothing when nothing changed');
delete from yardstick.analytics_metrics where organization_id = (select id from tenants where name = 'tokyo') and metric_name = 'a';
select yardstick_engine.take_changes() \g /dev/null
select results_eq('select name, measure_key, period_start from cells', $$values ('tokyo', 'a', date '2026-01-01')$$, 'notes what was deleted');
delete from yardstick.metric_dirty;
truncate yardstick.analytics_metrics;
select yardstick_engine.take_changes() \g /dev/null
select results_eq(
    'select name, measure_key, period_start from cells order by name, measure_key',
    $$values ('tokyo', 'b', date '2026-01-01'), ('york', 'a', '2025-05-05'), ('york', 'b', '2025-12-31')$$, 'notes every day before all is removed'
);
select is(
    (select array_agg(t.tgname::text order by t.tgname) from pg_trigger as t
    where t.tgrelid = 'yardstick.analytics_metrics'::regclass and t.tgname like 'capture%' and not t.tgisinternal),
    array['capture_delete', 'capture_insert', 'capture_truncate', 'capture_update'], 'fires on every kind of change'
);
select is_empty(
    $$select p.oid::regprocedure from pg_proc as p where p.proname in ('capture_observations', 'capture_truncate')
    and not (p.prosecdef and p.proowner = 'yardstick_engine_role'::regrole)$$,
    'writes with the engine''s rights, whoever changed a row'
);

select * from finish();
rollback;
