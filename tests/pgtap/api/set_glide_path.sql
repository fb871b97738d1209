begin;
\ir ../watched_metric.psql
select plan(14);

create function pg_temp.glide(path jsonb)
returns text
language sql
as $glide$
    select pg_temp.call(
        'tap_acme_app', (select o.id::text from yardstick.organizations as o where o.external_id = 'tap-acme'),
        format('select yardstick_api.set_glide_path(%L)', '{"metric_name": "tap_scrap"}'::jsonb || path)
    )
$glide$;
create function pg_temp.targets()
returns table (effective_from date, target_value numeric, aggregation_level text)
language sql
as $targets$
    select t.effective_from, t.target_value, t.aggregation_level
    from yardstick.metric_targets as t
    inner join yardstick.metric_definitions as d on t.metric_id = d.id and d.metric_name = 'tap_scrap'
    where t.effective_from >= '2030-01-01'
$targets$;

select is(pg_temp.glide('{"from": "2030-01-01", "from_value": 10, "to": "2030-04-01", "to_value": 5}'), '4', 'says how many targets it set');
select results_eq(
    'select effective_from, target_value from pg_temp.targets() order by 1',
    $$ values (date '2030-01-01', 10.0000), (date '2030-02-01', 8.3333), (date '2030-03-01', 6.6667), (date '2030-04-01', 5.0000) $$,
    'glides in equal steps from one value to the other'
);
select is(
    pg_temp.glide(format('{"from": "2030-01-01", "from_value": 4, "to": "2030-07-01", "to_value": 2, "step": "quarterly", "scope": {"level": "dept", "id": "%s"}}', :'department_id')::jsonb),
    '3', 'glides for one scope, by quarters'
);
select is(
    pg_temp.glide('{"from": "2030-01-01", "from_value": 9, "to": "2030-04-01", "to_value": 0, "step": "quarterly", "reason": "board"}'), '2',
    'takes another path'
);
select results_eq(
    'select effective_from, target_value, aggregation_level from pg_temp.targets() order by aggregation_level nulls first, 1',
    $$ values (date '2030-01-01', 9.0000, null), (date '2030-04-01', 0.0000, null), (date '2030-01-01', 4.0000, 'dept'),
        (date '2030-04-01', 3.0000, 'dept'), (date '2030-07-01', 2.0000, 'dept') $$,
    'leaves nothing of the path before, and other scopes alone'
);
select is(
    pg_temp.glide('{"from": "2030-01-07", "from_value": 1, "to": "2030-01-21", "to_value": 3, "step": "weekly"}'), '3', 'glides by weeks'
);

select is(pg_temp.glide('{"from": "2030-01-01", "from_value": 9, "to": "2030-01-01", "to_value": 0}'), 'YS001 to: must be after from', 'refuses to stand still');
select is(
    pg_temp.glide('{"from": "2030-01-31", "from_value": 9, "to": "2030-02-28", "to_value": 0}'),
    'YS001 from: must be a day that every month has, the 28th at the latest', 'refuses a day that some months lack'
);
select is(
    pg_temp.glide('{"from": "2030-01-01", "from_value": 9, "to": "2030-02-15", "to_value": 0}'),
    'YS001 to: must be a whole number of steps (monthly) after from, such as 2030-02-01', 'refuses half a step'
);
select is(
    pg_temp.glide('{"from": "1930-01-01", "from_value": 9, "to": "2030-01-01", "to_value": 0}'),
    'YS001 to: must be 1 to 260 steps (monthly) after from', 'refuses a path without end'
);
select is(
    pg_temp.glide('{"from": "2030-13-01", "from_value": 9, "to": "2031-01-01", "to_value": 0}'),
    'YS001 from: must be a date such as 2026-01-31; got "2030-13-01"', 'refuses what is no date'
);
select matches(
    pg_temp.glide('{"from": "2030-01-01", "from_value": 9, "until": "2031-01-01", "to_value": 0}'), '^YS001 until: unknown key', 'names a key it does not know'
);
select matches(
    pg_temp.glide('{"metric_name": "nowhere", "from": "2030-01-01", "from_value": 9, "to": "2031-01-01", "to_value": 0}'), '^YS003 there is no metric',
    'names a metric that is not there'
);
select is(
    pg_temp.call('tap_birch_app', (select o.id::text from yardstick.organizations as o where o.external_id = 'tap-acme'), 'select yardstick_api.set_glide_path(''{}'')'),
    pg_temp.call('tap_birch_app', (select o.id::text from yardstick.organizations as o where o.external_id = 'tap-acme'), 'select yardstick_api.set_target(''{}'')'),
    'is as closed to another organization as set_target'
);

select * from finish();
rollback;
