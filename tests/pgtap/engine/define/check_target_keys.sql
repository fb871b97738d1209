begin;
select plan(6);

select results_eq(
    format('select yardstick_engine.check_target_keys(%L)', g.definition), format('select unnest(%L::text[])', g.problems), format('says what is wrong with %s', g.definition)
)
from (
    values
    ('{}'::jsonb, '{}'::text[]), ('{"direction": "target_range", "target_low": 1, "target_high": 5, "target_value": 5}', '{}'),
    ('{"direction": "target_range"}', array['target_low: is required with direction target_range', 'target_high: is required with direction target_range']),
    ('{"direction": "target_range", "target_low": 6, "target_high": 5, "target_value": 7}',
        array['target_low: must not be above target_high', 'target_value: must lie between target_low and target_high']),
    ('{"metric_type": "percentage", "target_value": 100.5}', array['target_value: must lie between 0 and 100 for metric_type percentage; got 100.5']),
    ('{"metric_type": "duration", "target_value": -1}', array['target_value: must not be below 0 for metric_type duration; got -1'])
) as g (definition, problems);

select * from finish();
rollback;
