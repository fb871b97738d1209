begin;
select plan(7);

create schema request_list_host;
create table request_list_host.notes (org text, at timestamptz);
grant usage on schema request_list_host to yardstick_reader;
grant select on request_list_host.notes to yardstick_reader;
select
    yardstick_api.sync_organization('{"external_id": "list-acme", "organization_name": "Acme"}') as acme,
    yardstick_api.register_source('{"name": "list_notes", "relation": "request_list_host.notes", "time_column": "at", "organization_column": "org"}') as shared,
    yardstick_api.register_source('{"name": "list_others", "relation": "request_list_host.notes", "time_column": "at", "organization_column": "org"}') as others
\gset
select yardstick_api.use_organization(:'acme') \g /dev/null
select yardstick_api.register_source('{"name": "list_notes", "relation": "request_list_host.notes", "time_column": "at", "organization_column": "org"}') as own \gset

create temp table listed as
select l.* from yardstick_engine.request_list(:'acme', jsonb_build_array(
    jsonb_build_object('no', 10, 'query', 'select ''it''''s \''; drop table x', 'source_ids', array[:'shared'], 'period_start', '2026-03-01T00:00:00+01:00', 'period_end', '2026-04-01T00:00:00+02:00'),
    jsonb_build_object('no', 11, 'query', 'select 1', 'source_ids', array[:'own', :'others'], 'period_start', '2026-03-01', 'period_end', '2026-04-01'),
    jsonb_build_object('no', 12, 'query', 'select 1', 'source_ids', array[:'others'], 'period_start', '2026-03-01', 'period_end', '2026-04-01'),
    jsonb_build_object('no', 13, 'routine', 'request_list_host.missing', 'period_start', '2026-03-01', 'period_end', '2026-04-01')
)) as l;

select results_eq('select request_no from listed order by place', 'values (10), (11), (12), (13)', 'keeps the order');
select is(
    (select statement from listed where request_no = 10),
    format('select e.* from yardstick_engine.evaluate_query(%L, ''2026-02-28 23:00:00+00'', ''2026-03-31 22:00:00+00'') as e', 'select ''it''''s \''; drop table x'),
    'passes the query as an argument, and the period in UTC'
);
select is((select statement from listed where request_no = 13), null, 'has no statement for a function that is not registered');
select isnt(
    (select view_group from listed where request_no = 10), (select view_group from listed where request_no = 11), 'parts sources that bear the same name'
);
select is((select view_group from listed where request_no = 12), '{}', 'leaves the others together');
select is(
    (select array_agg(i order by i) from listed cross join unnest(group_source_ids) as i where request_no = 11),
    (select array_agg(i order by i) from unnest(array[:'own'::uuid, :'others'::uuid]) as i), 'names the sources of each group'
);
select is(
    yardstick_engine.batch_text(
        (select jsonb_agg(to_jsonb(l) order by l.place) from listed as l where l.request_no > 11), jsonb_build_object(:'others', array['42P01', 'it''s gone'])
    ),
    $$select null::text, null::text, null::numeric, null::bigint, '42P01'::text, 'it''s gone'::text; select null::text, null::text, null::numeric, $$
    || $$null::bigint, 'YS003'::text, 'the function is not registered, or not active any more'::text$$,
    'has an answer for what need not be run'
);

select * from finish();
rollback;
