create or replace function yardstick_engine.retry_delay(failure_count integer, error_code text)
returns interval
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $retry_delay$
    select case
        when yardstick_engine.is_transient(retry_delay.error_code)
            then least(interval '1 minute' * power(2, least(greatest(retry_delay.failure_count - 1, 0), 11)), interval '5 minutes')
        else least(interval '1 minute' * power(2, least(greatest(retry_delay.failure_count - 1, 0), 11)), interval '1 day')
    end
$retry_delay$;

comment on function yardstick_engine.retry_delay(integer, text) is
'How long what has failed so many times in a row waits: a minute, then twice as long each time, up to a day; after a lock or a conflict, up to five minutes.';
