begin;
select plan(34);

select lives_ok($$select yardstick_api.use_organization(yardstick_api.sync_organization('{"external_id": "record-acme", "organization_name": "Acme"}'), null)$$, 'works for an organization');
select is(yardstick_api.record_values('[]'), 0, 'takes an empty list');
select is(
    yardstick_api.record_values('[
        {"metric_name": "a", "value": 1, "measured_at": "2026-01-01T12:00:00Z", "id": "00000000-0000-4000-8000-00000000000a"},
        {"metric_name": "a", "value": 2, "measured_at": "2025-06-01T12:00:00+02:00", "entity_id": 5, "tags": {"a": null}},
        {"metric_name": "a", "value": 3, "measured_at": "2026-01-01 12:00:00.25-0500", "department_id": null},
        {"metric_name": "a", "value": 9, "id": "00000000-0000-4000-8000-00000000000a"}
    ]'), 3, 'counts what was new, the same id once'
);
select is(
    yardstick_api.record_values('[{"metric_name": "a", "value": 9, "id": "00000000-0000-4000-8000-00000000000A"}, {"metric_name": "c", "value_text": "ok"}]'), 1,
    'records a known id no second time'
);
select results_eq(
    $$select value, measurement_date, entity_id from yardstick.analytics_metrics where metric_name = 'a' order by measurement_date$$,
    $$values (2.0000, timestamptz '2025-06-01 10:00:00+00', '5'), (1, '2026-01-01 12:00:00+00', null), (3, '2026-01-01 17:00:00.25+00', null)$$,
    'stores them with their times'
);
create temp table before as select count(*) as observations from yardstick.analytics_metrics;
select throws_ok(
    format('select yardstick_api.record_values(%L)', format('[{"metric_name": "z", "value": 1}, %s]', refused.element)),
    refused.code, null, format('refuses %s', left(refused.element, 100))
)
from (
    values
    ('5', 'YS001'), ('null', 'YS001'), ('[]', 'YS001'), ('{}', 'YS001'), ('{"value": 1}', 'YS001'), ('{"metric_name": "a"}', 'YS001'),
    ('{"metric_name": "a", "value": null}', 'YS001'), ('{"metric_name": "a", "value": "1"}', 'YS001'), ('{"metric_name": "a", "value": "NaN"}', 'YS006'),
    ('{"metric_name": "a", "value": 1e11}', 'YS006'), ('{"metric_name": "a", "value": 1e200}', 'YS006'), ('{"metric_name": 1, "value": 1}', 'YS001'),
    ('{"metric_name": "a", "value": 1, "valu": 1}', 'YS001'), ('{"metric_name": "a", "value": 1, "measured_at": "yesterday"}', 'YS001'),
    ('{"metric_name": "a", "value": 1, "measured_at": "2026-02-30T00:00:00Z"}', 'YS001'),
    ('{"metric_name": "a", "value": 1, "measured_at": "2026-02-01T00:00:00"}', 'YS001'),
    ('{"metric_name": "a", "value": 1, "measured_at": 1760000000}', 'YS001'),
    ('{"metric_name": "a", "value": 1, "measured_at": "1980-02-01T00:00:00Z"}', 'YS006'),
    ('{"metric_name": "a", "value": 1, "measured_at": "2999-02-01T00:00:00Z"}', 'YS006'),
    ('{"metric_name": "a", "value": 1, "department_id": "x"}', 'YS001'),
    ('{"metric_name": "a", "value": 1, "team_id": "00000000-0000-4000-8000-000000000009"}', 'YS003'),
    ('{"metric_name": "a", "value": 1, "organization_id": "00000000-0000-4000-8000-000000000009"}', 'YS001'),
    ('{"metric_name": "a", "value": 1, "tags": "x"}', 'YS001'), ('{"metric_name": "a", "value": 1, "id": 5}', 'YS001')
) as refused (element, code);
select throws_ok(
    $$select yardstick_api.record_values('[{"metric_name": "z", "value": 1}, {"metric_name": "z", "value": "x"}]')$$,
    'YS001', '[1].value: must be a number', 'names the index of the bad one'
);
select throws_ok(
    $$select yardstick_api.record_values('[{"metric_name": "z", "value": 1}, {"metric_name": "z", "value": 1, "user_id": "00000000-0000-4000-8000-000000000009"}]')$$,
    'YS003', '[1].user_id: unknown user 00000000-0000-4000-8000-000000000009; give the id of one of this organization, and sync it first', 'and of an unknown person'
);
select throws_ok('select yardstick_api.record_values(''{}'')', 'YS001', null, 'refuses what is no list');
select throws_ok('select yardstick_api.record_values(null)', 'YS001', null, 'refuses nothing');
select is((select count(*) from yardstick.analytics_metrics), (select observations from before), 'records nothing of a list it refuses');

select * from finish();
rollback;
