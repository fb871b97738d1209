begin;
\ir ../../two_organizations.psql

select plan(12);

select pg_temp.call('tap_acme_app', :'acme', $$
    select yardstick_api.define_metric('{
        "metric_name": "tap_cost", "display_name": "Cost", "calculation_method": "aggregation",
        "data_sources": {"source": "analytics_metrics", "key": "tap_cost", "measures": {"cost": {"agg": "sum"}}}}')
$$) as metric
\gset
create function pg_temp.fail(organization uuid, metric uuid, code text, minute integer)
returns text
language sql
as $fail$
    select yardstick_engine.note_failures($1, array[$2], $3, 'it fails', timestamptz '2026-03-01 00:00+00' + $4 * interval '1 minute');
    select format(
        '%s %s %s', f.failure_count, extract(epoch from f.retry_at - timestamptz '2026-03-01 00:00+00')::integer / 60, f.quarantined_at is not null
    )
    from yardstick.metric_failures as f
    where f.metric_id = $2 and f.organization_id is not distinct from $1
$fail$;
create function pg_temp.is_held(organization uuid, metric uuid, minute integer)
returns boolean
language sql
as $is_held$
    select exists (
        select from yardstick_engine.held_metrics(timestamptz '2026-03-01 00:00+00' + $3 * interval '1 minute') as h
        where h.metric_id = $2 and h.organization_id is not distinct from $1
    )
$is_held$;

select is(pg_temp.fail(:'acme', :'metric', '22012', 0), '1 1 f', 'waits a minute after the first failure');
select ok(pg_temp.is_held(:'acme', :'metric', 0) and not pg_temp.is_held(:'acme', :'metric', 1), 'holds it until then');
select is(pg_temp.fail(:'acme', :'metric', '22012', 0), '1 1 f', 'counts a run once');
select is(pg_temp.fail(:'acme', :'metric', '22012', 1), '2 3 f', 'waits twice as long after the second');
select is(pg_temp.fail(:'acme', :'metric', '40P01', 3), '2 5 f', 'does not count a deadlock');
select is(pg_temp.fail(:'acme', :'metric', '55P03', 500), '2 502 f', 'does not count a lock');
select is(pg_temp.fail(null, :'metric', '54000', 0), '1 1 f', 'counts what fails for all apart');

select pg_temp.fail(:'acme', :'metric', '22012', 1000 * n) from generate_series(1, 5) as n \g /dev/null
select is(pg_temp.fail(:'acme', :'metric', '22012', 6000), '8 6128 t', 'quarantines it after the eighth run');
select ok(pg_temp.is_held(:'acme', :'metric', 1000000), 'holds it from then on');
select is(pg_temp.fail(:'acme', :'metric', '22012', 9000), '8 6128 t', 'counts no further');
select is(
    yardstick_engine.retry_delay(40, '22012'), interval '1 day', 'never waits longer than a day'
);
select pg_temp.call('tap_acme_app', :'acme', $$select yardstick_api.refresh_metric('tap_cost', '2026-03-01', '2026-03-01')$$) \g /dev/null
select is((select count(*) from yardstick.metric_failures as f where f.metric_id = :'metric'), 0::bigint, 'forgets all of it when it is refreshed');

select * from finish();
rollback;
