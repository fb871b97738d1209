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
    -- One that is being defined anew is marked by the next look, if there is still a reason.
    where d.id = any(array(
        select m.id
        from yardstick.metric_definitions as m
        where m.source_id = record_source_error.source_id and m.is_active and m.deleted_at is null
            and m.last_error_code is distinct from record_source_error.error_code
        for update skip locked
    ))
$record_source_error$;

comment on function yardstick_engine.record_source_error(uuid, text, text) is
'Marks the metrics of a source that could not be read at all as failing, with SQLSTATE and message, so that the others are calculated.';
