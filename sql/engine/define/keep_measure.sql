create or replace function yardstick_engine.keep_measure(
    organization_id uuid,
    source_id       uuid,
    measure_key     text,
    filter          text,
    expression      text,
    state_kind      text
)
returns uuid
language sql
volatile
set search_path = pg_catalog, pg_temp
as $keep_measure$
    insert into yardstick.metric_measures as m (id, organization_id, source_id, measure_key, filter, expression, state_kind)
    values (
        yardstick_engine.measure_id(
            keep_measure.organization_id, keep_measure.source_id, keep_measure.measure_key, keep_measure.filter, keep_measure.expression,
            keep_measure.state_kind
        ),
        keep_measure.organization_id, keep_measure.source_id, keep_measure.measure_key, keep_measure.filter, keep_measure.expression,
        keep_measure.state_kind
    )
    on conflict do nothing;

    select yardstick_engine.measure_id(
        keep_measure.organization_id, keep_measure.source_id, keep_measure.measure_key, keep_measure.filter, keep_measure.expression,
        keep_measure.state_kind
    )
$keep_measure$;

comment on function yardstick_engine.keep_measure(uuid, uuid, text, text, text, text) is
'Id of the stored measure with these parts, which is made when nobody had it before.';
