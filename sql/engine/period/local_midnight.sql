-- Where clocks are set back to midnight, midnight comes twice: the day then has begun with the first. Where they are set back
-- across it, into the day before, that day goes on and ends with the second. A midnight that is skipped is the first moment
-- after it. Reckoned in UTC, which keeps it immutable, so that it is inlined.
create or replace function yardstick_engine.local_midnight(
    local_date date,
    timezone   text
)
returns timestamptz
language sql
immutable
parallel safe
return case
    -- The server takes the later of two midnights; the clock just before it tells which kind it is.
    when (
        (local_midnight.local_date::timestamp at time zone local_midnight.timezone at time zone 'UTC' - interval '1 microsecond')
        at time zone 'UTC' at time zone local_midnight.timezone
    )::date >= local_midnight.local_date
        then (
            local_midnight.local_date::timestamp at time zone local_midnight.timezone at time zone 'UTC' - interval '1 microsecond'
            - (
                (local_midnight.local_date::timestamp at time zone local_midnight.timezone at time zone 'UTC' - interval '1 microsecond')
                at time zone 'UTC' at time zone local_midnight.timezone
                - local_midnight.local_date::timestamp
            )
        ) at time zone 'UTC'
    else local_midnight.local_date::timestamp at time zone local_midnight.timezone
end;

comment on function yardstick_engine.local_midnight(date, text) is
'First instant of a local date in a time zone: the moment from which its clocks show that date or a later one for good.';

grant execute on function yardstick_engine.local_midnight(date, text) to yardstick_owner, yardstick_dba, yardstick_worker;
