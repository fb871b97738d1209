begin;
\ir ../two_organizations.psql
select plan(3);

create schema refresh_host;
create table refresh_host.events (organization text, happened_at timestamptz);
insert into refresh_host.events values ('tap-acme', '2026-01-05 12:00Z'), ('tap-acme', '2026-01-20 12:00Z');
grant usage on schema refresh_host to yardstick_reader;
grant select on refresh_host.events to yardstick_reader;
select yardstick_api.register_source('{"name": "refresh_events", "relation": "refresh_host.events", "time_column": "happened_at",
    "organization_column": "organization"}') \g /dev/null
select yardstick_api.define_metric('{"metric_name": "refresh_count", "display_name": "Count", "calculation_method": "aggregation",
    "data_sources": {"source": "refresh_events", "measures": {"n": {"agg": "count"}}}}') \g /dev/null
delete from yardstick.calculation_slices;

select is(yardstick_api.refresh_source('refresh_events'), 4, 'queues every week from the day before the first row to the last');
select throws_ok($$select yardstick_api.refresh_source('nothing')$$, 'YS003', 'there is no source "nothing"', 'knows what there is');
grant usage on schema yardstick_api to tap_stranger;
grant execute on function yardstick_api.refresh_source(text) to tap_stranger;
set local session authorization tap_stranger;
select throws_ok($$select yardstick_api.refresh_source('refresh_events')$$, 'YS005', null, 'is for DBAs');
reset session authorization;

select * from finish();
rollback;
