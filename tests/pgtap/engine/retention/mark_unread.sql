begin;
\ir ../../two_organizations.psql
select plan(9);

create function pg_temp.define(metric_name text, measures text)
returns uuid
language sql
as $define$
    select yardstick_api.define_metric(jsonb_build_object(
        'metric_name', define.metric_name, 'display_name', 't', 'calculation_method', 'aggregation', 'time_windows', array['daily'],
        'data_sources', jsonb_build_object('source', 'analytics_metrics', 'key', 'tap', 'measures', define.measures::jsonb)
    ))
$define$;
create function pg_temp.unread()
returns text
language sql
as $unread$
    select coalesce(string_agg(coalesce(m.filter, '-'), ', ' order by m.filter), 'none')
    from yardstick.metric_measures as m
    where m.measure_key = 'tap' and m.unread_since is not null
$unread$;

select pg_temp.define('tap_one', '{"n": {"agg": "count", "where": "value > 1"}}') \g /dev/null
select pg_temp.define('tap_two', '{"n": {"agg": "count", "where": "value > 1"}}') \g /dev/null
select is(yardstick_engine.mark_unread(), 0, 'notes nothing that is read');
select pg_temp.define('tap_one', '{"n": {"agg": "count", "where": "value > 2"}}') \g /dev/null
select is(yardstick_engine.mark_unread(), 0, 'nor what another metric reads');
select yardstick_api.retire_metric('tap_two', 'not needed') \g /dev/null
select is(yardstick_engine.mark_unread(), 1, 'notes what only a former version and a retired metric read');
select is(pg_temp.unread(), '(source.value > (1)::numeric)', 'and no more');
select is(yardstick_engine.mark_unread(), 0, 'notes it once');
select ok(
    not yardstick_engine.lock_unread(m.id), 'lets no state go before 14 days'
) from yardstick.metric_measures as m where m.measure_key = 'tap' and m.unread_since is not null;
update yardstick.metric_measures set unread_since = now() - interval '15 days' where unread_since is not null;
select ok(yardstick_engine.lock_unread(m.id), 'and lets it go after them')
from yardstick.metric_measures as m where m.measure_key = 'tap' and m.unread_since is not null;
update yardstick.metric_definitions set deleted_at = null where metric_name = 'tap_two';
select ok(not yardstick_engine.lock_unread(m.id), 'but not what a metric reads by now')
from yardstick.metric_measures as m where m.measure_key = 'tap' and m.unread_since is not null;
select is((select yardstick_engine.mark_unread()) || pg_temp.unread(), '0none', 'and takes the note back');

select * from finish();
rollback;
