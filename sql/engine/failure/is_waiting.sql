-- Without SET, so that it is inlined: it is asked of every slice that waits. A failure later than now was noted by a clock that has been set
-- back since.
create or replace function yardstick_engine.is_waiting(
    not_before    timestamptz,
    attempt_count integer,
    error_code    text,
    as_of         timestamptz
)
returns boolean
language sql
volatile
return case
    when is_waiting.not_before is null or is_waiting.not_before <= is_waiting.as_of then false
    else is_waiting.not_before - yardstick_engine.retry_delay(is_waiting.attempt_count, is_waiting.error_code)
        <= greatest(is_waiting.as_of, clock_timestamp())
end;

comment on function yardstick_engine.is_waiting(timestamptz, integer, text, timestamptz) is
'Whether a slice that failed so many times is not tried yet at as_of. One that failed at a time that lies ahead of the clock, which was set back, is.';
