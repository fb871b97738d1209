begin;
select plan(9);
\ir ../two_organizations.psql

create schema retire_host;
create table retire_host.events (organization uuid, happened_at timestamptz);
grant usage on schema retire_host to yardstick_reader;
grant select on retire_host.events to yardstick_reader;
select yardstick_api.register_source('{"name": "retire_events", "relation": "retire_host.events", "time_column": "happened_at",
    "organization_column": "organization", "capture": true}') as source \gset
select yardstick_api.define_metric('{"metric_name": "retire_seen", "display_name": "Seen", "calculation_method": "aggregation",
    "data_sources": {"source": "retire_events", "measures": {"n": {"agg": "count"}}}, "time_windows": ["daily"]}') as seen \gset
prepare triggers as select t.tgname from pg_trigger as t where t.tgrelid = 'retire_host.events'::regclass;
prepare functions as select p.oid::regprocedure from pg_proc as p where p.proname = 'capture_' || replace(:'source', '-', '');

select throws_ok($$select yardstick_api.retire_source('retire_events')$$, 'YS007', 'source "retire_events" is read by: retire_seen; retire these first',
    'refuses while metrics read it, and names them');
select isnt_empty('triggers', 'leaves its triggers then');
update yardstick.metric_definitions set deleted_at = now() where id = :'seen';
insert into retire_host.events values (:'acme', now());
select is(yardstick_api.retire_source('retire_events'), :'source'::uuid, 'retires it once nothing reads it');
select is_empty('triggers', 'drops its triggers');
select is_empty('functions', 'drops its function');
select is_empty(format('select * from yardstick.source_changes where source_id = %L', :'source'), 'forgets what waited');
select throws_ok($$select yardstick_api.retire_source('retire_events')$$, 'YS003', 'there is no source "retire_events" to retire', 'knows no source that is retired');
select is(
    yardstick_api.register_source('{"name": "retire_events", "relation": "retire_host.events", "time_column": "happened_at",
    "organization_column": "organization", "capture": true}'),
    :'source'::uuid, 'is taken up again by registering it'
);
select is(
    left(pg_temp.as_login('tap_acme_app', $$select yardstick_api.retire_source('retire_events')::text$$), 5), '42501', 'is not for applications'
);

select * from finish();
rollback;
