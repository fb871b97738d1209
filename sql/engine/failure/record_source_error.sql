create or replace function yardstick_engine.record_source_error(
    source_id  uuid,
    error_code text,
    message    text
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $record_source_error$
    update yardstick.metric_definitions as d
    set
        last_error_code = record_source_error.error_code,
        last_error = yardstick_engine.error_words(record_source_error.error_code, record_source_error.message)
    where d.source_id = record_source_error.source_id and d.is_active and d.deleted_at is null
        and d.last_error_code is distinct from record_source_error.error_code
$record_source_error$;

comment on function yardstick_engine.record_source_error(uuid, text, text) is
'Marks the metrics of a source that could not be read at all as failing, with SQLSTATE and message, so that the others are calculated.';
