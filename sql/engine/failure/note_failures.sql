-- A run counts once, however many slices and periods of it fail: what fails is held at once, and until then the time is the run's.
create or replace function yardstick_engine.note_failures(
    organization_id uuid,
    metric_ids      uuid[],
    error_code      text,
    message         text,
    as_of           timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $note_failures$
declare
    -- A minute and its doubles up to an hour and four minutes: two hours of nothing but failures.
    most_failures constant integer := 8;
    is_counted    constant boolean := not yardstick_engine.is_transient(note_failures.error_code);
begin
    insert into yardstick.metric_failures as f (
        organization_id, metric_id, failure_count, error_code, error_message, first_failed_at, last_failed_at, retry_at
    )
    select
        note_failures.organization_id, d.id, is_counted::integer, note_failures.error_code, left(note_failures.message, 500),
        note_failures.as_of, note_failures.as_of, note_failures.as_of + yardstick_engine.retry_delay(1, note_failures.error_code)
    from yardstick.metric_definitions as d
    where d.id = any(note_failures.metric_ids) and d.deleted_at is null
    order by d.id
    on conflict on constraint metrics_fail_once_an_organization do update
    set
        failure_count = f.failure_count + is_counted::integer,
        error_code = excluded.error_code,
        error_message = excluded.error_message,
        last_failed_at = excluded.last_failed_at,
        retry_at = note_failures.as_of + yardstick_engine.retry_delay(f.failure_count + is_counted::integer, note_failures.error_code),
        tried_at = null,
        quarantined_at = case when is_counted and f.failure_count + 1 >= most_failures then note_failures.as_of end
    -- Of one that is tried again, whenever the call of this worker began.
    where f.quarantined_at is null
        and (
            f.retry_at <= note_failures.as_of or f.tried_at >= f.retry_at
            or f.last_failed_at > greatest(note_failures.as_of, clock_timestamp())
        );
end
$note_failures$;

comment on function yardstick_engine.note_failures(uuid, uuid[], text, text, timestamptz) is
'Counts a failed run of metrics, for one organization or with null for all, and holds them for a minute, then twice as long each time, up to a day; after eight runs in a row they are quarantined. A lock or a conflict holds them and counts for nothing.';
