begin;
select plan(5);

select results_eq(
    $$select * from yardstick_engine.check_definition('{"metric_name": "a", "display_name": "A", "calculation_method": "manual"}')$$,
    $$values
    ('keys', true, 'every key is known and has a value of its kind'), ('data_sources', true, 'fit calculation_method manual'),
    ('targets', true, 'fit direction and metric_type'), ('thresholds', true, 'are in the order of the direction')$$,
    'passes what is right'
);
select results_eq(
    $$select * from yardstick_engine.check_definition('{"metric_name": "A", "display_name": "A", "calculation_method": "manual", "calculation_formula": "1",
        "metric_type": "count", "target_value": -1, "target_low": -5, "threshold_config": {"at_risk": 1}}')$$,
    $$values
    ('keys', false, 'metric_name: must be a name of small letters, digits and underscores, at most 63, a letter first; got "A"'),
    ('data_sources', false, 'calculation_formula: is not for calculation_method manual, whose values are recorded; leave it out'),
    ('targets', false, 'target_low: is only for direction target_range'),
    ('targets', false, 'target_low: must not be below 0 for metric_type count; got -5'),
    ('targets', false, 'target_value: must not be below 0 for metric_type count; got -1'),
    ('thresholds', false, 'threshold_config.off_track: is required'),
    ('thresholds', false, 'threshold_config: needs a direction that says which side is better')$$,
    'names everything that is wrong'
);
select results_eq(
    $$select c.check_name, c.detail from yardstick_engine.check_definition('{"metric_name": "a", "display_name": "A", "calculation_method": "magic",
        "direction": 5, "target_value": "x"}') as c where not c.passed and c.check_name <> 'keys'$$,
    $$values
    ('data_sources', 'not checked: calculation_method has to be right first'), ('targets', 'not checked: direction has to be right first'),
    ('thresholds', 'not checked: direction has to be right first')$$,
    'does not check what rests on something wrong'
);
select throws_ok(
    $$select yardstick_engine.require_definition('{"metric_name": "a", "display_name": "A", "calculation_method": "manual", "tags": 5, "is_public": 5}', null)$$,
    'YS001', 'is_public: must be true or false; got 5', 'is raised, the first of it, by require_definition'
);
select throws_ok(
    $$select yardstick_engine.require_definition('{"metric_name": "a", "display_name": "A", "calculation_method": "manual",
        "owner_id": "00000000-0000-0000-0000-000000000009"}', null)$$,
    'YS003', 'owner_id: unknown user 00000000-0000-0000-0000-000000000009; sync the user first', 'leaves the owner to require_definition'
);

select * from finish();
rollback;
