begin;
select plan(6);

select results_eq(
    format('select yardstick_engine.check_threshold_keys(%L)', g.definition), format('select unnest(%L::text[])', g.problems), format('says what is wrong with %s', g.definition)
)
from (
    values
    ('{}'::jsonb, '{}'::text[]), ('{"direction": "higher_better", "threshold_config": {"at_risk": 90, "off_track": 80}}', '{}'),
    ('{"direction": "higher_better", "threshold_config": {"at_risk": 80, "off_track": 90}}', array['threshold_config: off_track must not be above at_risk when higher is better']),
    ('{"direction": "lower_better", "threshold_config": {"at_risk": 90, "off_track": 80}}', array['threshold_config: off_track must not be below at_risk when lower is better']),
    ('{"direction": "target_range", "threshold_config": {"at_risk": 90, "off_track": 80}}',
        array['threshold_config: is not for direction target_range, where the range says what is on track; leave it out']),
    ('{"threshold_config": {"at_risk": "x", "red": 5}}', array[
        'threshold_config.red: unknown key; known keys are at_risk, off_track', 'threshold_config.at_risk: must be a number; got "x"',
        'threshold_config.off_track: is required', 'threshold_config: needs a direction that says which side is better'])
) as g (definition, problems);

select * from finish();
rollback;
