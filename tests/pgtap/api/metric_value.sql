begin;
\ir ../two_organizations.psql

select plan(23);

-- Two months of hand-made values: what is read is what stands, and no other period takes the place of a missing one.
select pg_temp.call('tap_acme_app', :'acme', $$
    select yardstick_api.define_metric('{
        "metric_name": "tap_cost", "display_name": "Cost", "metric_category": "financial", "metric_type": "sum",
        "calculation_method": "aggregation", "data_sources": {"source": "analytics_metrics", "key": "tap_cost",
        "measures": {"cost": {"agg": "sum"}}}, "aggregation_levels": ["org", "dept"], "time_windows": ["daily", "monthly"],
        "direction": "lower_better", "refresh_frequency": "hourly"}')
$$) as metric
\gset
select pg_temp.call('tap_acme_app', :'acme', $$
    select yardstick_api.sync_department('{"external_id": "tap-d", "department_name": "D"}')
$$) as department
\gset
select pg_temp.call('tap_birch_app', :'birch', $$
    select yardstick_api.sync_department('{"external_id": "tap-d", "department_name": "D"}')
$$) as foreign_department
\gset
select yardstick.ensure_year_partitions('yardstick.metric_calculations', '2026-01-01', '2026-12-31') \g /dev/null
insert into yardstick.metric_calculations (
    organization_id, metric_id, aggregation_level, aggregation_id, time_window, period_start, period_end,
    metric_value, sample_size, metric_version, calculation_timestamp, metadata
)
select
    :'acme', :'metric', s.level, s.id::uuid, 'monthly', m.starts::timestamp at time zone 'Europe/Berlin',
    (m.starts + interval '1 month') at time zone 'Europe/Berlin', m.value, 3, 1, now(), '{"is_complete": true, "completeness": 1}'
from (values ('org', :'acme'), ('dept', :'department')) as s (level, id)
cross join (values (date '2026-01-01', 10.5), (date '2026-02-01', 12)) as m (starts, value);

create function pg_temp.value(level text, id text, time_window text, at text)
returns text
language sql
as $value$
    select pg_temp.call('tap_acme_app', o.id::text, format(
        'select yardstick_api.metric_value(%L, %L, %L, %L, %L)', 'tap_cost', $1, $2, $3, $4
    ))
    from yardstick.organizations as o
    where o.external_id = 'tap-acme'
$value$;

select is(pg_temp.value('org', null, 'monthly', '2026-02-10 12:00+00'), '10.5000', 'reads the last month that has ended');
select is(pg_temp.value('org', null, 'monthly', '2026-02-28 22:59+00'), '10.5000', 'takes a month as running to the last minute of the local month');
select is(pg_temp.value('org', null, 'monthly', '2026-02-28 23:00+00'), '12.0000', 'takes it as ended at local midnight');
select is(pg_temp.value('org', null, 'monthly', '2026-04-02 12:00+00'), null, 'is null for a month without a value, not the value of an older one');
select is(pg_temp.value('org', null, 'daily', '2026-02-10 12:00+00'), null, 'is null for a window without values');
select is(pg_temp.value('org', :'acme', 'monthly', '2026-02-10 12:00+00'), '10.5000', 'takes the id of the organization at level org');
select is(pg_temp.value('dept', :'department', 'monthly', '2026-02-10 12:00+00'), '10.5000', 'reads a department');
select is(pg_temp.value('org', :'birch', 'monthly', '2026-02-10 12:00+00'),
    format('YS003 id: unknown organization %s: at level org leave id null for the organization chosen', :'birch'), 'refuses another organization');
select is(pg_temp.value('dept', null, 'monthly', '2026-02-10 12:00+00'), 'YS001 id: is missing: name the dept whose value is meant', 'refuses a department without an id');
select is(pg_temp.value('dept', :'foreign_department', 'monthly', '2026-02-10 12:00+00'),
    format('YS003 id: unknown dept %s', :'foreign_department'), 'knows no department of another organization');
select is(pg_temp.value('team', :'department', 'monthly', '2026-02-10 12:00+00'),
    format('YS003 id: unknown team %s', :'department'), 'does not take a department for a team');
select is(pg_temp.value('user', :'department', 'monthly', '2026-02-10 12:00+00'),
    format('YS003 id: unknown user %s', :'department'), 'does not take a department for a person');
select is(pg_temp.value('site', null, 'monthly', 'now'), 'YS001 level: must be one of org, dept, team, user; got ''site''', 'refuses an unknown level');
select is(pg_temp.value('org', null, 'hourly', 'now'),
    'YS001 time_window: must be one of daily, weekly, monthly, quarterly, annual; got ''hourly''', 'refuses an unknown window');
select is(pg_temp.value(null, null, 'monthly', 'now'), 'YS001 level: must be one of org, dept, team, user; got null', 'refuses a level that is null');
select is(
    pg_temp.call('tap_acme_app', :'acme', $$select yardstick_api.metric_value('nothing', 'org', null, 'monthly')$$),
    'YS003 there is no metric named ''nothing'' here: define it with yardstick_api.define_metric', 'refuses an unknown metric'
);
select is(
    pg_temp.call('tap_birch_app', :'birch', $$select yardstick_api.metric_value('tap_cost', 'org', null, 'monthly')$$),
    'YS003 there is no metric named ''tap_cost'' here: define it with yardstick_api.define_metric', 'knows no metric of another organization'
);
-- What stands was written by hand: the rows say something else.
select is(
    pg_temp.call('tap_acme_app', :'acme', $$select yardstick_api.metric_value('tap_cost', 'org', null, 'monthly', '2026-02-10 12:00+00', true)$$),
    '10.5000', 'reads exactly what is stored where nothing has changed'
);
select pg_temp.call('tap_acme_app', :'acme', $$
    select yardstick_api.record_value('tap_cost', 4.25, '2026-01-31 22:59:59+00')
$$) \g /dev/null
select is(
    pg_temp.call('tap_acme_app', :'acme', $$select yardstick_api.metric_value('tap_cost', 'org', null, 'monthly', '2026-02-10 12:00+00', true)$$),
    '4.2500', 'reads exactly what the rows say where they have'
);
select is(pg_temp.value('org', null, 'monthly', '2026-02-10 12:00+00'), '10.5000', 'reads what is stored without exact');
select is(
    pg_temp.call('tap_acme_app', :'acme', $$select yardstick_api.metric_value('tap_cost', 'org', null, 'daily', '2026-02-01 12:00+00', true)$$),
    '4.2500', 'reads a day before it was calculated'
);
select is(
    pg_temp.call('tap_acme_app', :'acme', $$
        select string_agg(format('%s %s %s', s.period_end, s.metric_value, s.is_complete), ', ')
        from yardstick_api.metric_series('tap_cost', 'org', null, 'monthly', '2025-12-31 23:00+00', '2026-01-31 23:00+00') as s
    $$),
    pg_temp.call('tap_acme_app', :'acme', $$select format('%s 10.5000 t', timestamptz '2026-01-31 23:00+00')$$),
    'gives as a series the periods that start in the range, its end left out'
);
select matches(
    pg_temp.as_login('tap_any_app', $$select yardstick_api.metric_value('tap_cost', 'org', null, 'monthly')$$), '^YS004 ',
    'needs an organization'
);
select * from finish();
rollback;
