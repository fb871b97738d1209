begin;
select plan(10);

create schema capture_host;
create table capture_host.events (organization uuid, kind text, happened_at timestamptz, on_day date);
grant usage on schema capture_host to yardstick_reader;
grant select on capture_host.events to yardstick_reader;
create temp table tenants (name text, id uuid);
insert into tenants values
('tokyo', yardstick_api.sync_organization('{"external_id": "capture-tokyo", "organization_name": "Tokyo", "timezone": "Asia/Tokyo"}')),
('york', yardstick_api.sync_organization('{"external_id": "A0000000-0000-4000-8000-00000000000A", "organization_name": "York", "timezone": "America/New_York"}'));
select yardstick_api.register_source('{"name": "capture_instants", "relation": "capture_host.events", "time_column": "happened_at",
    "organization_column": "organization", "key_column": "kind", "capture": true}') \g /dev/null
create temp view cells as
select t.name, s.source_name, d.measure_key, d.period_start
from yardstick.metric_dirty as d
inner join tenants as t on d.organization_id = t.id
inner join yardstick.metric_sources as s on d.source_id = s.id and s.source_name like 'capture\_%';

insert into capture_host.events (organization, kind, happened_at)
select v.organization, n.kind, m.at
from (
    select t.id as organization from tenants as t where t.name = 'tokyo'
    union all
    values ('a0000000-0000-4000-8000-00000000000a'::uuid), ('b0000000-0000-4000-8000-00000000000b'), (null)
) as v
cross join (values ('a'), (null)) as n (kind)
cross join (
    values (timestamptz '2026-01-01 03:00Z'), ('2026-01-01 03:10Z'), ('2026-01-01 23:00Z'), ('1950-01-01'), ('infinity'), (null)
) as m (at);
select yardstick_engine.take_changes() \g /dev/null
select results_eq(
    'select name, measure_key, period_start from cells order by name, measure_key, period_start',
    $$values ('tokyo', 'a', date '2026-01-01'), ('tokyo', 'a', '2026-01-02'), ('tokyo', null, '2026-01-01'), ('tokyo', null, '2026-01-02'),
    ('york', 'a', '2025-12-31'), ('york', 'a', '2026-01-01'), ('york', null, '2025-12-31'), ('york', null, '2026-01-01')$$,
    'notes each day of each known organization and key once, on its own calendar'
);
delete from yardstick.metric_dirty;
delete from capture_host.events where happened_at is distinct from '2026-01-01 03:00Z' or kind is null;
delete from yardstick.source_changes;
update capture_host.events set kind = 'b', happened_at = '2025-05-05 12:00Z', organization = (select id from tenants where name = 'york')
where organization = (select id from tenants where name = 'tokyo');
select yardstick_engine.take_changes() \g /dev/null
select results_eq(
    'select name, measure_key, period_start from cells order by name',
    $$values ('tokyo', 'a', date '2026-01-01'), ('york', 'b', '2025-05-05')$$, 'notes where a row was and where it is now'
);
delete from yardstick.metric_dirty;
update capture_host.events set kind = 'c' where false;
delete from capture_host.events where false;
select yardstick_engine.take_changes() \g /dev/null
select is_empty('select * from cells', 'notes nothing when nothing changed');

select yardstick_api.register_source('{"name": "capture_days", "relation": "capture_host.events", "time_column": "on_day",
    "organization_column": "organization", "capture": true}') \g /dev/null
insert into capture_host.events select id, 'a', '2026-01-01 23:00Z', '2026-01-01' from tenants where name = 'tokyo';
select yardstick_engine.take_changes() \g /dev/null
select results_eq(
    'select source_name, measure_key, period_start from cells order by source_name',
    $$values ('capture_days', null, date '2026-01-01'), ('capture_instants', 'a', '2026-01-02')$$,
    'notes a row for every source that its table is, and takes a date as it stands'
);
delete from yardstick.metric_dirty;
truncate capture_host.events;
select results_eq(
    $$select s.source_name, g.cause from yardstick.capture_gaps as g inner join yardstick.metric_sources as s on s.id = g.source_id order by 1$$,
    $$values ('capture_days', 'truncate'), ('capture_instants', 'truncate')$$, 'has all be read again after a TRUNCATE'
);
delete from yardstick.capture_gaps;

alter table capture_host.events drop column on_day;
insert into capture_host.events (organization, kind, happened_at) select id, 'a', '2026-01-01 23:00Z' from tenants;
select is((select count(*) from capture_host.events), 2::bigint, 'lets the host go on when it fails');
select results_eq(
    $$select s.source_name, g.error_code from yardstick.capture_gaps as g inner join yardstick.metric_sources as s on s.id = g.source_id order by 1$$,
    $$values ('capture_days', '42703')$$, 'has all of the source that failed be read again, and says why'
);
select is(
    (
        select string_agg(format('%s %s %s', t.tgname, t.tgenabled, t.count), ', ' order by t.tgname)
        from (
            select regexp_replace(t.tgname, '_[0-9a-f]{32}$', '') as tgname, t.tgenabled, count(*)
            from pg_trigger as t
            where t.tgrelid = 'capture_host.events'::regclass
            group by 1, 2
        ) as t
    ),
    'yardstick_capture_delete A 2, yardstick_capture_insert A 2, yardstick_capture_truncate A 2, yardstick_capture_update A 2',
    'fires on every kind of change, for replicas too'
);
select is_empty(
    $$select p.oid::regprocedure
    from pg_proc as p
    where p.pronamespace = 'yardstick'::regnamespace and p.proname ~ '^capture_[0-9a-f]{32}$'
    and not (
        p.prosecdef and p.proowner = 'yardstick_engine_role'::regrole and 'search_path=pg_catalog, pg_temp' = any(p.proconfig)
        and obj_description(p.oid, 'pg_proc') is not null and not has_function_privilege('yardstick_app', p.oid, 'execute')
        and not exists (select from aclexplode(p.proacl) as a where a.grantee = 0)
    )$$,
    'writes with the engine''s rights, whoever changed a row, and is nobody''s to call'
);
select is(yardstick_engine.capture_text('00000000-0000-4000-8000-000000000000'), null, 'is not written for a source that is not there');

select * from finish();
rollback;
