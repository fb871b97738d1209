begin;
\ir ../watched_metric.psql
select plan(22);

create function pg_temp.target_is(target jsonb)
returns text
language sql
as $target_is$
    select pg_temp.call(
        'tap_acme_app', (select o.id::text from yardstick.organizations as o where o.external_id = 'tap-acme'),
        format('select yardstick_api.set_target(%L)', '{"metric_name": "tap_scrap"}'::jsonb || target)
    )
$target_is$;

select pg_temp.target_is('{"target_value": 5, "effective_from": "2026-03-01", "reason": "board"}') as everywhere,
    pg_temp.target_is(format('{"target_low": 1, "target_high": 2, "scope": {"level": "dept", "id": "%s"}}', :'department_id')::jsonb) as dept
\gset
select results_eq(
    format($$
        select t.target_value, t.effective_from, t.reason, t.aggregation_level from yardstick.metric_targets as t where t.id = %L
    $$, :'everywhere'),
    $$ values (5::numeric(15, 4), date '2026-03-01', 'board', null::text) $$, 'holds for every scope from its date on'
);
select results_eq(
    format($$
        select t.target_low, t.target_high, t.effective_from, t.aggregation_level, t.aggregation_id from yardstick.metric_targets as t where t.id = %L
    $$, :'dept'),
    format($$ values (1::numeric(15, 4), 2::numeric(15, 4), (now() at time zone 'Europe/Berlin')::date, 'dept', %L::uuid) $$, :'department_id'),
    'holds for one scope, from today where no date is given'
);
select is(
    left(pg_temp.target_is('{"target_value": 6, "effective_from": "2026-03-01"}'), 27), 'YS001 reason: is required t',
    'keeps a target in force where no reason is given'
);
select is(
    pg_temp.target_is('{"target_value": 6, "effective_from": "2026-03-01", "reason": "audit"}'), :'everywhere',
    'replaces the target of the same date'
);
select results_eq(
    format('select t.target_value, t.reason from yardstick.metric_targets as t where t.id = %L', :'everywhere'),
    $$ values (6::numeric(15, 4), 'audit') $$, 'replaces the whole of it'
);
select isnt(pg_temp.target_is('{"target_value": 6, "effective_from": "2026-04-01"}'), :'everywhere', 'keeps the targets of other dates');
select matches(
    pg_temp.target_is('{"target_value": null, "effective_from": "2026-05-01"}'), '^[0-9a-f-]{36}$', 'says that there is no target any more'
);
select is(left(pg_temp.target_is(c.target::jsonb), length(c.message)), c.message, c.description)
from (values
    ('{}', 'YS001 target_value: is required', 'needs a target'),
    ('{"target_value": 1, "target_low": 0}', 'YS001 target_value: give either', 'takes a value or a range'),
    ('{"target_low": 2, "target_high": 1}', 'YS001 target_low: must not', 'refuses an empty range'),
    ('{"target_value": "5"}', 'YS001 target_value: must be a number', 'takes no text for a number'),
    ('{"target_value": 5, "goal": 1}', 'YS001 goal: unknown key', 'refuses an unknown key'),
    ('{"target_value": 5, "effective_from": "2026-02-30"}', 'YS001 effective_from: must be a date', 'refuses a day that does not exist'),
    ('{"target_value": 5, "effective_from": "yesterday"}', 'YS001 effective_from: must be a date', 'refuses words for a date'),
    ('{"target_value": 5, "effective_from": "1989-12-31"}', 'YS006 effective_from: must lie', 'refuses a date before 1990'),
    ('{"target_value": 5, "scope": {"level": "dept"}}', 'YS001 scope.id: is required', 'needs to know which department'),
    ('{"target_value": 5, "scope": {"level": "x"}}', 'YS001 scope.level: must be one of', 'knows the levels'),
    ('{"target_value": 5, "scope": {"level": "dept", "id": "00000000-0000-4000-8000-000000000000"}}', 'YS003 scope.id: unknown', 'refuses an unknown scope'),
    ('{"metric_name": "tap_none", "target_value": 5}', 'YS003 there is no metric named', 'refuses an unknown metric')
) as c (target, message, description);
select matches(
    pg_temp.target_is('{"target_value": 5, "effective_from": "2026-01-01", "scope": {"level": "org"}}'), '^[0-9a-f-]{36}$',
    'takes level org for the organization itself'
);
select matches(
    pg_temp.call('tap_birch_app', :'birch', $$ select yardstick_api.set_target('{"metric_name": "tap_scrap", "target_value": 5}') $$),
    '^YS003 there is no metric named', 'does not know the metrics of another organization'
);
select matches(
    pg_temp.as_login('tap_stranger', $$ select yardstick_api.set_target('{"metric_name": "tap_scrap", "target_value": 5}') $$),
    '^YS004 ', 'needs an organization'
);

select * from finish();
rollback;
