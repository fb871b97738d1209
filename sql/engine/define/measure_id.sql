create or replace function yardstick_engine.measure_id(
    organization_id uuid,
    source_id       uuid,
    measure_key     text,
    filter          text,
    expression      text,
    state_kind      text default 'sums'
)
returns uuid
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $measure_id$
    select md5((jsonb_build_array(
        measure_id.organization_id, measure_id.source_id, measure_id.measure_key, measure_id.filter, measure_id.expression
    ) || case when measure_id.state_kind = 'sums' then jsonb '[]' else jsonb_build_array(measure_id.state_kind) end)::text)::uuid
$measure_id$;

comment on function yardstick_engine.measure_id(uuid, uuid, text, text, text, text) is
'Identifier of a measure: the same parts have the same one, in every database.';
