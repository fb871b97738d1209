create or replace function yardstick_engine.trial_bodies(compiled jsonb)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $trial_bodies$
    select jsonb_object_agg(e.key, e.value || jsonb_strip_nulls(jsonb_build_object(
        'filter', m.filter, 'expression', m.expression, 'measure_key', m.measure_key, 'state_kind', m.state_kind
    )))
    from jsonb_each(trial_bodies.compiled -> 'measures') as e
    inner join yardstick.metric_measures as m on m.id = (e.value ->> 'measure_id')::uuid
$trial_bodies$;

comment on function yardstick_engine.trial_bodies(jsonb) is
'Measures of a compiled definition with their conditions, expressions and kinds of state, as trial_statement reads them.';
