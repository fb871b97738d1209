begin;
select plan(6);
\ir ../../two_organizations.psql

select id as source from yardstick.metric_sources where source_name = 'analytics_metrics' \gset
insert into yardstick.source_changes (source_id, is_instant, organization_keys, measure_keys, first_at, last_at)
values
(
    :'source', true, array[:'acme', upper(:'birch'), 'nobody', :'acme'], array['a', 'a', 'a', null],
    array['2026-03-01 02:00Z', '2026-03-01 04:00Z', '2026-03-01 04:00Z', '1950-01-01']::timestamptz[],
    array['2026-03-01 23:00Z', '2026-03-01 06:00Z', '2026-03-01 04:00Z', '1950-01-01']::timestamptz[]
),
(:'source', true, array[:'acme'], array['a'], array['2026-03-01 03:00Z']::timestamptz[], array['2026-03-01 03:00Z']::timestamptz[]),
(:'source', false, array[:'birch'], array['b'], array['2026-03-05 00:00Z']::timestamptz[], array['2026-03-05 00:00Z']::timestamptz[]),
('00000000-0000-4000-8000-000000000000', true, array[:'acme'], array['a'], array['2026-03-09 12:00Z']::timestamptz[], array['2026-03-09 12:00Z']::timestamptz[]);
prepare cells as
select d.organization_id, d.stage, d.measure_key, d.period_start from yardstick.metric_dirty as d where d.source_id = :'source' order by 1, 3, 4;

select ok(yardstick_engine.take_changes() > 0, 'says how many days it marked');
select results_eq(
    'cells',
    format(
        $$select t.id, 'source', t.measure_key, (t.at at time zone o.timezone)::date
        from (
            values (%1$L::uuid, 'a', timestamptz '2026-03-01 02:00Z'), (%1$L, 'a', '2026-03-01 23:00Z'), (%2$L, 'a', '2026-03-01 04:00Z'),
            (%2$L, 'a', '2026-03-01 06:00Z')
        ) as t (id, measure_key, at)
        inner join yardstick.organizations as o on o.id = t.id
        union
        select %2$L::uuid, 'source', 'b', date '2026-03-05'
        order by 1, 3, 4$$,
        :'acme', :'birch'
    ),
    'marks the first and the last day of each change on the organization''s calendar, or as it stands, once'
);
select is_empty('select * from yardstick.source_changes', 'keeps nothing of what it has taken');
select is(yardstick_engine.take_changes(), 0::bigint, 'marks nothing when nothing changed');

delete from yardstick.metric_dirty;
update yardstick.organizations set timezone = 'Pacific/Kiritimati' where id = :'acme';
insert into yardstick.source_changes (source_id, is_instant, organization_keys, measure_keys, first_at, last_at)
values (:'source', true, array[:'acme'], array['a'], array['2026-03-01 12:00Z']::timestamptz[], array['2026-03-01 12:00Z']::timestamptz[]);
select yardstick_engine.take_changes() \g /dev/null
select results_eq('cells', format($$values (%L::uuid, 'source', 'a', date '2026-03-02')$$, :'acme'), 'takes the calendar of now');
update yardstick.metric_sources set capture = false where id = :'source';
delete from yardstick.metric_dirty;
insert into yardstick.source_changes (source_id, is_instant, organization_keys, measure_keys, first_at, last_at)
values (:'source', true, array[:'acme'], array['a'], array['2026-03-01 12:00Z']::timestamptz[], array['2026-03-01 12:00Z']::timestamptz[]);
select yardstick_engine.take_changes() \g /dev/null
select is_empty('cells', 'marks nothing of a source that is not captured');

select * from finish();
rollback;
